package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;
import org.lehr.kernels.convert.Bfloat16Kernel;

/// One floating value in memory, read and written as a double.
final class Element {

    private Element() {}

    static double get(DType dtype, MemorySegment segment, long index) {
        return switch (dtype) {
            case FLOAT32 -> segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
            case FLOAT64 -> segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES);
            case BFLOAT16 -> Bfloat16Kernel.toFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES));
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("matmul: no product of " + dtype);
        };
    }

    static void set(DType dtype, MemorySegment segment, long index, double value) {
        switch (dtype) {
            case FLOAT32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES, (float) value);
            case FLOAT64 -> segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, value);
            case BFLOAT16 ->
                segment.set(
                        ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES, Bfloat16Kernel.fromFloat((float) value));
            case INT64, INT32, UINT8, BOOL -> throw new IllegalArgumentException("matmul: no product of " + dtype);
        }
    }
}
