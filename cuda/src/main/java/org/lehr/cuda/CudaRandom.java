package org.lehr.cuda;

import org.lehr.kernels.DType;
import org.lehr.kernels.RandomKernels;
import org.lehr.kernels.View;

/// Random numbers and dropout.
record CudaRandom(Runtime runtime) implements RandomKernels {

    private static final String FILE = "random";
    private static final int WORDS = 4;
    private static final long LARGEST_BOUND = 1L << 31;

    @Override
    public void uniform(View out, long key, long counter) {
        expect("uniform", out.dtype().isFloating(), out);
        fill("uniform", out, 0, key, counter);
    }

    @Override
    public void normal(View out, long key, long counter) {
        expect("normal", out.dtype().isFloating(), out);
        fill("normal", out, 0, key, counter);
    }

    @Override
    public void integers(View out, long bound, long key, long counter) {
        if (bound < 1 || bound > LARGEST_BOUND) {
            throw new IllegalArgumentException("integers: the bound must be from 1 to 2^31, got " + bound);
        }
        expect("integers", out.dtype() == DType.INT64 || out.dtype() == DType.INT32, out);
        fill("integers", out, bound, key, counter);
    }

    @Override
    public void dropout(View out, View x, double p, long key, long counter) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("dropout: the probability must be in [0, 1], got " + p);
        }
        if (out.dtype() != x.dtype() || out.size() != x.size()) {
            throw new IllegalArgumentException("dropout: expected two equal arrays, got " + out + " and " + x);
        }
        expect("dropout", out.dtype().isFloating(), out);
        begin("dropout", out, 0, key, counter)
                .dense(x)
                .number(p < 1 ? 1 / (1 - p) : 0)
                .number((int) Math.ceil(p * 0x1p24))
                .forElements(blocks(out));
    }

    private void fill(String operation, View out, long bound, long key, long counter) {
        begin(operation, out, bound, key, counter).forElements(blocks(out));
    }

    private Launch begin(String operation, View out, long bound, long key, long counter) {
        return runtime.launch(operation, FILE, operation + "_" + out.dtype())
                .dense(out)
                .number(out.size())
                .number(key)
                .number(counter)
                .number(bound);
    }

    /// At most so many blocks of words are needed; float64 takes two words to a number, of which a thread makes
    /// two.
    private static long blocks(View out) {
        return Math.ceilDiv(out.size(), out.dtype() == DType.FLOAT64 ? 2 : WORDS);
    }

    private static void expect(String operation, boolean suits, View view) {
        if (!suits) {
            throw new IllegalArgumentException(operation + ": cannot make " + view.dtype());
        }
    }
}
