package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The tile without vector instructions.
///
/// @param wide whether elements are float64 rather than float32
record ScalarTile(int rows, int columns, boolean wide) implements TileKernel {

    @Override
    public void run(
            int k,
            MemorySegment a,
            long aOffset,
            long aRow,
            long aStep,
            MemorySegment b,
            long bOffset,
            long bStep,
            MemorySegment c,
            long cOffset,
            long cRow) {
        double[] sums = new double[columns];
        for (int i = 0; i < rows; i++) {
            Arrays.fill(sums, 0);
            for (int p = 0; p < k; p++) {
                long from = bOffset + p * bStep;
                if (wide) {
                    double x = a.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, aOffset + i * aRow + p * aStep);
                    for (int j = 0; j < columns; j++) {
                        sums[j] += x * b.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, from + (long) j * Double.BYTES);
                    }
                } else {
                    double x = a.get(ValueLayout.JAVA_FLOAT_UNALIGNED, aOffset + i * aRow + p * aStep);
                    for (int j = 0; j < columns; j++) {
                        sums[j] += x * b.get(ValueLayout.JAVA_FLOAT_UNALIGNED, from + (long) j * Float.BYTES);
                    }
                }
            }
            for (int j = 0; j < columns; j++) {
                if (wide) {
                    c.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, cOffset + i * cRow + (long) j * Double.BYTES, sums[j]);
                } else {
                    c.set(ValueLayout.JAVA_FLOAT_UNALIGNED, cOffset + i * cRow + (long) j * Float.BYTES, (float)
                            sums[j]);
                }
            }
        }
    }
}
