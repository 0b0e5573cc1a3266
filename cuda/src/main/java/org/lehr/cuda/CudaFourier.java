package org.lehr.cuda;

import org.lehr.kernels.FourierKernels;
import org.lehr.kernels.View;

/// Discrete Fourier transforms of real signals.
record CudaFourier(Runtime runtime) implements FourierKernels {

    @Override
    public void transform(View spectrum, View signal, long length) {
        try (Widening wide = new Widening(runtime)) {
            run("transform", wide.read(signal), wide.write(spectrum), length, spectrum.size() / 2);
        }
    }

    @Override
    public void inverse(View signal, View spectrum, long length) {
        try (Widening wide = new Widening(runtime)) {
            run("inverse", wide.write(signal), wide.read(spectrum), length, signal.size());
        }
    }

    private void run(String kernel, View signal, View spectrum, long length, long results) {
        if (length < 2 || Long.bitCount(length) != 1 || signal.shape()[1] > length) {
            throw new IllegalArgumentException("fourier: expected a length that is a power of two, at least 2 and at"
                    + " least the times of " + signal + ", got " + length);
        }
        runtime.launch("fourier " + kernel, "fourier", kernel + "_" + signal.dtype())
                .dense(signal)
                .dense(spectrum)
                .number(signal.shape()[0])
                .number(signal.shape()[1])
                .number(signal.shape()[2])
                .number(length)
                .forElements(results);
    }
}
