package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;

/// One floating value in memory, read and written as a double.
final class Element {

    private Element() {}

    static double get(DType dtype, MemorySegment segment, long index) {
        return switch (dtype) {
            case FLOAT32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
            case FLOAT64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
            case BFLOAT16 -> Float.intBitsToFloat(segment.getAtIndex(ValueLayout.JAVA_SHORT, index) << 16);
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("matmul: no product of " + dtype);
        };
    }

    static void set(DType dtype, MemorySegment segment, long index, double value) {
        switch (dtype) {
            case FLOAT32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
            case FLOAT64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
            case BFLOAT16 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, index, bfloat16((float) value));
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("matmul: no product of " + dtype);
        }
    }

    /// The nearest bfloat16, ties to even; a NaN stays one.
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
