package org.lehr.kernels.matmul;

import org.lehr.kernels.MatmulKernels;
import org.lehr.kernels.View;

/// Matrix products on the CPU.
public final class CpuMatmuls implements MatmulKernels {

    /// As `CpuBackend` needs it.
    public CpuMatmuls() {}

    @Override
    public void matmul(View c, View a, View b, boolean accumulate, Epilogue epilogue) {
        MatmulKernel.forward(c, a, b, accumulate, epilogue);
    }
}
