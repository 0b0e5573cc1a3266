package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Bfloat16Kernel;

/// Elements and matrices of views, read and written as doubles.
final class Rows {

    private Rows() {}

    /// Place of the first element at these leading indices, in elements.
    static long start(View view, long i, long j) {
        return view.offset() + i * view.strides()[0] + j * view.strides()[1];
    }

    static double get(View view, long index) {
        MemorySegment segment = view.storage().segment();
        return switch (view.dtype()) {
            case FLOAT32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
            case FLOAT64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
            case BFLOAT16 -> Bfloat16Kernel.toFloat(segment.getAtIndex(ValueLayout.JAVA_SHORT, index));
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("attention: no scores of " + view);
        };
    }

    static void set(View view, long index, double value) {
        MemorySegment segment = view.storage().segment();
        switch (view.dtype()) {
            case FLOAT32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
            case FLOAT64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
            case BFLOAT16 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, index, Bfloat16Kernel.fromFloat((float) value));
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("attention: no scores of " + view);
        }
    }

    /// Whether the bool `[b, s]` is true at `(b, j)`.
    static boolean isHidden(View keyPadding, long b, long j) {
        return keyPadding.storage().segment().get(ValueLayout.JAVA_BYTE, start(keyPadding, b, j)) != 0;
    }

    /// The matrix at `(i, j)` of a `[., ., rows, width]`, row-major.
    static double[] matrix(View view, long i, long j) {
        int rows = Math.toIntExact(view.shape()[2]);
        int width = Math.toIntExact(view.shape()[3]);
        double[] values = new double[Math.multiplyExact(rows, width)];
        for (int r = 0; r < rows; r++) {
            long from = start(view, i, j) + r * view.strides()[2];
            for (int c = 0; c < width; c++) {
                values[r * width + c] = get(view, from + c);
            }
        }
        return values;
    }

    /// Writes what [#matrix] reads.
    static void storeMatrix(View view, long i, long j, double[] values) {
        int width = (int) view.shape()[3];
        for (int r = 0; r < view.shape()[2]; r++) {
            long to = start(view, i, j) + r * view.strides()[2];
            for (int c = 0; c < width; c++) {
                set(view, to + c, values[r * width + c]);
            }
        }
    }
}
