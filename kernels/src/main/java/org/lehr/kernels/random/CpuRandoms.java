package org.lehr.kernels.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.lehr.kernels.DType;
import org.lehr.kernels.RandomKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// Random numbers on the processor: each piece of the output makes the words of its own counters, a cache's worth at
/// a time, and turns them into numbers.
public final class CpuRandoms implements RandomKernels {

    private static final int GRAIN = 1 << 14;
    private static final int CHUNK = 1 << 10;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final long WORD = 0xFFFFFFFFL;
    private static final long LARGEST_BOUND = 1L << 31;

    // Until they are compiled, vector operations are slower than scalar ones by far more than they are faster after
    // it: the weights of a small model are made sooner by scalar code, which has the same results.
    private static final long SCALAR_WORDS = 1L << 22;

    private final long scalarWords;
    private final AtomicLong wordsMade = new AtomicLong();

    /// Makes the numbers of elements `[from, from + n)` of a fill out of their words, the first of which is
    /// `words[0]`.
    @FunctionalInterface
    private interface Maker {
        void make(int[] words, long from, int n);
    }

    public CpuRandoms() {
        this(SCALAR_WORDS);
    }

    /// @param scalarWords how many random words, about, scalar code makes before vector code takes over
    CpuRandoms(long scalarWords) {
        this.scalarWords = scalarWords;
    }

    @Override
    public void uniform(View out, long key, long counter) {
        check("uniform", out);
        MemorySegment memory = out.storage().segment();
        long start = out.byteOffset();
        switch (out.dtype()) {
            case FLOAT32 ->
                fill(
                        out,
                        1,
                        key,
                        counter,
                        (words, from, n) -> UniformKernel.forward(memory, start + 4 * from, words, n));
            case FLOAT64 ->
                fill(out, 2, key, counter, (words, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        double u = UniformKernel.reference(words[2 * i], words[2 * i + 1]);
                        memory.set(F64, start + 8 * (from + i), u);
                    }
                });
            case BFLOAT16 ->
                fill(out, 1, key, counter, (words, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        memory.set(BF16, start + 2 * (from + i), UniformKernel.bfloat16(words[i]));
                    }
                });
            case INT64, INT32, UINT8, BOOL -> throw unsuitable("uniform", out.dtype());
        }
    }

    @Override
    public void normal(View out, long key, long counter) {
        check("normal", out);
        MemorySegment memory = out.storage().segment();
        long start = out.byteOffset();
        switch (out.dtype()) {
            case FLOAT32 -> fill(out, 1, key, counter, (words, from, n) -> normals(memory, start + 4 * from, words, n));
            case FLOAT64 ->
                fill(out, 2, key, counter, (words, from, n) -> {
                    double[] pair = new double[2];
                    for (int i = 0; i < n; i++) {
                        if (i % 2 == 0) {
                            NormalKernel.reference(pair, 0, words, 2 * i);
                        }
                        memory.set(F64, start + 8 * (from + i), pair[i % 2]);
                    }
                });
            case BFLOAT16 ->
                fill(out, 1, key, counter, (words, from, n) -> {
                    float[] numbers = new float[n + n % 2];
                    normals(MemorySegment.ofArray(numbers), 0, words, n);
                    for (int i = 0; i < n; i++) {
                        memory.set(BF16, start + 2 * (from + i), roundToBfloat16(numbers[i]));
                    }
                });
            case INT64, INT32, UINT8, BOOL -> throw unsuitable("normal", out.dtype());
        }
    }

    @Override
    public void integers(View out, long bound, long key, long counter) {
        check("integers", out);
        if (bound < 1 || bound > LARGEST_BOUND) {
            throw new IllegalArgumentException("integers: the bound must be from 1 to 2^31, got " + bound);
        }
        MemorySegment memory = out.storage().segment();
        long start = out.byteOffset();
        switch (out.dtype()) {
            case INT64 ->
                fill(out, 1, key, counter, (words, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        long value = (words[i] & WORD) * bound >>> 32;
                        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, start + 8 * (from + i), value);
                    }
                });
            case INT32 ->
                fill(out, 1, key, counter, (words, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        int value = (int) ((words[i] & WORD) * bound >>> 32);
                        memory.set(ValueLayout.JAVA_INT_UNALIGNED, start + 4 * (from + i), value);
                    }
                });
            case FLOAT32, FLOAT64, BFLOAT16, UINT8, BOOL -> throw unsuitable("integers", out.dtype());
        }
    }

    @Override
    public void dropout(View out, View x, double p, long key, long counter) {
        check("dropout", out);
        check("dropout", x);
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("dropout: the probability must be in [0, 1], got " + p);
        }
        if (out.dtype() != x.dtype() || out.size() != x.size()) {
            throw new IllegalArgumentException("dropout: expected two equal arrays, got " + out + " and " + x);
        }
        MemorySegment to = out.storage().segment();
        MemorySegment in = x.storage().segment();
        long toStart = out.byteOffset();
        long inStart = x.byteOffset();
        int threshold = DropoutKernel.threshold(p);
        double scale = p < 1 ? 1 / (1 - p) : 0;
        switch (out.dtype()) {
            case FLOAT32 ->
                fill(
                        out,
                        1,
                        key,
                        counter,
                        (words, from, n) -> DropoutKernel.forward(
                                to, toStart + 4 * from, in, inStart + 4 * from, words, n, threshold, (float) scale));
            case FLOAT64 ->
                fill(out, 1, key, counter, (words, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        boolean kept = DropoutKernel.keeps(words[i], threshold);
                        to.set(F64, toStart + 8 * (from + i), kept ? in.get(F64, inStart + 8 * (from + i)) * scale : 0);
                    }
                });
            case BFLOAT16 ->
                fill(out, 1, key, counter, (words, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        float value = Float.intBitsToFloat(in.get(BF16, inStart + 2 * (from + i)) << 16);
                        float kept = DropoutKernel.reference(value, words[i], threshold, (float) scale);
                        to.set(BF16, toStart + 2 * (from + i), roundToBfloat16(kept));
                    }
                });
            case INT64, INT32, UINT8, BOOL -> throw unsuitable("dropout", out.dtype());
        }
    }

    /// Float32 normals for `n` words; where `n` is odd, the second number of the last pair is not written.
    private void normals(MemorySegment out, long offset, int[] words, int n) {
        if (isCold()) {
            float[] numbers = new float[n - n % 2];
            NormalKernel.reference(numbers, words, n / 2);
            MemorySegment.copy(numbers, 0, out, F32, offset, numbers.length);
        } else {
            NormalKernel.forward(out, offset, words, n / 2);
        }
        if (n % 2 != 0) {
            float[] last = new float[2];
            NormalKernel.reference(last, new int[] {words[n - 1], words[n]}, 1);
            out.set(F32, offset + 4L * (n - 1), last[0]);
        }
    }

    /// Runs `maker` over all elements, `wordsEach` words to each.
    private void fill(View out, int wordsEach, long key, long counter, Maker maker) {
        int each = CHUNK / wordsEach;
        Workers.current().forRange(out.size(), GRAIN, (begin, end) -> {
            int[] words = new int[4 * PhiloxKernel.roundUp(CHUNK / 4)];
            for (long from = begin; from < end; from += each) {
                int n = (int) Math.min(each, end - from);
                int blocks = (n * wordsEach + 3) / 4;
                long first = counter + from * wordsEach / 4;
                if (isCold()) {
                    PhiloxKernel.reference(words, blocks, key, first);
                    wordsMade.addAndGet(4L * blocks);
                } else {
                    PhiloxKernel.forward(words, blocks, key, first);
                }
                maker.make(words, from, n);
            }
        });
    }

    private boolean isCold() {
        return wordsMade.get() < scalarWords;
    }

    private static short roundToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    private static void check(String operation, View view) {
        if (!view.isContiguous()) {
            throw new IllegalArgumentException(operation + ": expected a dense array, got " + view + " with strides "
                    + Arrays.toString(view.strides()));
        }
    }

    private static IllegalArgumentException unsuitable(String operation, DType dtype) {
        return new IllegalArgumentException(operation + ": cannot make " + dtype);
    }
}
