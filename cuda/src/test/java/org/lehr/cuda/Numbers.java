package org.lehr.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;

/// Elements of any dtype as float64, which holds all those of the tests.
final class Numbers {

    private Numbers() {}

    static MemorySegment pack(DType dtype, double[] values) {
        MemorySegment packed =
                MemorySegment.ofArray(new long[values.length + 1]).asSlice(0, (long) values.length * dtype.bytes());
        for (int i = 0; i < values.length; i++) {
            switch (dtype) {
                case FLOAT32 -> packed.setAtIndex(JAVA_FLOAT, i, (float) values[i]);
                case FLOAT64 -> packed.setAtIndex(JAVA_DOUBLE, i, values[i]);
                case BFLOAT16 -> packed.setAtIndex(JAVA_SHORT, i, narrow((float) values[i]));
                case INT64 -> packed.setAtIndex(JAVA_LONG, i, (long) values[i]);
                case INT32 -> packed.setAtIndex(JAVA_INT, i, (int) values[i]);
                case UINT8, BOOL -> packed.set(JAVA_BYTE, i, (byte) values[i]);
            }
        }
        return packed;
    }

    static double[] unpack(DType dtype, MemorySegment packed) {
        double[] values = new double[Math.toIntExact(packed.byteSize() / dtype.bytes())];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (dtype) {
                case FLOAT32 -> packed.getAtIndex(JAVA_FLOAT, i);
                case FLOAT64 -> packed.getAtIndex(JAVA_DOUBLE, i);
                case BFLOAT16 -> Float.intBitsToFloat(packed.getAtIndex(JAVA_SHORT, i) << 16);
                case INT64 -> packed.getAtIndex(JAVA_LONG, i);
                case INT32 -> packed.getAtIndex(JAVA_INT, i);
                case UINT8, BOOL -> packed.get(JAVA_BYTE, i) & 0xff;
            };
        }
        return values;
    }

    /// The distance of 1 to the next number.
    static double step(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> 0x1p-23;
            case FLOAT64 -> 0x1p-52;
            case BFLOAT16 -> 0x1p-7;
            case INT64, INT32, UINT8, BOOL -> 0;
        };
    }

    private static short narrow(float x) {
        int bits = Float.floatToRawIntBits(x);
        return (short) (x != x ? 0x7fc0 : bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
