package org.lehr.kernels.fourier;

import org.lehr.kernels.DType;
import org.lehr.kernels.FourierKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.parallel.Workers;

/// Fourier transforms on the processor; bfloat16 is widened as a whole.
public final class CpuFourier implements FourierKernels {

    private static final int CHANNELS = 32;

    /// As `CpuBackend` needs it.
    public CpuFourier() {}

    /// Work on channels `[from, to)` of sequence `n`.
    @FunctionalInterface
    private interface Work {
        void on(long n, int from, int to);
    }

    @Override
    public void transform(View spectrum, View signal, long length) {
        check("fourier transform", spectrum, signal, length);
        FourierBlocks kernel = blocks(signal, (int) length);
        try (Widened out = Widened.write(spectrum);
                Widened in = Widened.read(signal)) {
            forEachPiece(signal, (n, from, to) -> kernel.forward(out.view(), in.view(), n, from, to));
        }
    }

    @Override
    public void inverse(View signal, View spectrum, long length) {
        check("inverse fourier transform", spectrum, signal, length);
        FourierBlocks kernel = blocks(signal, (int) length);
        try (Widened out = Widened.write(signal);
                Widened in = Widened.read(spectrum)) {
            forEachPiece(signal, (n, from, to) -> kernel.inverse(out.view(), in.view(), n, from, to));
        }
    }

    private static FourierBlocks blocks(View signal, int length) {
        boolean fast = Lanes.available() && signal.dtype() != DType.FLOAT64;
        return fast ? new FourierVectors(length) : new FourierKernel(length);
    }

    private static void forEachPiece(View signal, Work work) {
        int channels = Math.toIntExact(signal.shape()[2]);
        long blocks = Math.ceilDiv(channels, CHANNELS);
        Workers.current().forRange(signal.shape()[0] * blocks, 1, (first, last) -> {
            for (long i = first; i < last; i++) {
                int from = (int) (i % blocks) * CHANNELS;
                work.on(i / blocks, from, Math.min(channels, from + CHANNELS));
            }
        });
    }

    private static void check(String operation, View spectrum, View signal, long length) {
        boolean fits = signal.rank() == 3
                && spectrum.rank() == 4
                && signal.isContiguous()
                && spectrum.isContiguous()
                && length >= 2
                && length <= 1 << 26
                && Long.bitCount(length) == 1;
        fits = fits
                && signal.shape()[1] <= length
                && spectrum.shape()[0] == signal.shape()[0]
                && spectrum.shape()[1] == length / 2 + 1
                && spectrum.shape()[2] == signal.shape()[2]
                && spectrum.shape()[3] == 2;
        if (!fits) {
            throw new IllegalArgumentException(operation + ": expected a dense signal [b, t, c] and spectrum"
                    + " [b, length/2 + 1, c, 2] for a length that is a power of two from 2 and at least t, got "
                    + signal
                    + ", " + spectrum + " and length " + length);
        }
    }
}
