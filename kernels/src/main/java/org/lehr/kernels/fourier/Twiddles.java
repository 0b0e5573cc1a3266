package org.lehr.kernels.fourier;

import java.util.concurrent.atomic.AtomicReferenceArray;

/// `e^(−2πi·k/length)` for `k` below half of `length`, by StrictMath, so that transforms have the same bits on every
/// machine. Tables of usual lengths are kept; all of them together take 25 MB.
///
/// @param cosines real parts
/// @param sines imaginary parts
/// @param shortCosines real parts rounded to float32
/// @param shortSines imaginary parts rounded to float32
record Twiddles(double[] cosines, double[] sines, float[] shortCosines, float[] shortSines) {

    private static final int KEPT = 20;
    private static final AtomicReferenceArray<Twiddles> TABLES = new AtomicReferenceArray<>(KEPT + 1);

    /// @param length a power of two, at least 2
    static Twiddles of(int length) {
        int power = Integer.numberOfTrailingZeros(length);
        if (power > KEPT) {
            return computed(length);
        }
        Twiddles table = TABLES.get(power);
        if (table == null) {
            table = computed(length);
            TABLES.set(power, table);
        }
        return table;
    }

    private static Twiddles computed(int length) {
        int half = length / 2;
        Twiddles table = new Twiddles(new double[half], new double[half], new float[half], new float[half]);
        for (int k = 0; k < half; k++) {
            double angle = 2 * Math.PI * k / length;
            table.cosines[k] = StrictMath.cos(angle);
            table.sines[k] = -StrictMath.sin(angle);
            table.shortCosines[k] = (float) table.cosines[k];
            table.shortSines[k] = (float) table.sines[k];
        }
        return table;
    }
}
