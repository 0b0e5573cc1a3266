package org.lehr.kernels.fourier;

import org.lehr.kernels.View;

/// Transforms of one length, a few channels of one sequence at a time.
interface FourierBlocks {

    /// See [org.lehr.kernels.FourierKernels#transform]; on channels `[from, to)` of sequence `n`.
    void forward(View spectrum, View signal, long n, int from, int to);

    /// See [org.lehr.kernels.FourierKernels#inverse]; on channels `[from, to)` of sequence `n`.
    void inverse(View signal, View spectrum, long n, int from, int to);
}
