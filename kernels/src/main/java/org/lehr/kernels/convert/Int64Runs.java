package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;

/// Dense runs of any dtype to and from int64. Offsets in bytes, counts in elements.
///
/// `load` reads `dtype` and writes int64; `store` reads int64 and writes `dtype`.
/// To a smaller integer: the low bits (wrapping). To bool: `x ≠ 0`.
final class Int64Runs {

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;

    private Int64Runs() {}

    static void load(DType dtype, MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        switch (dtype) {
            case FLOAT32 -> fromFloat32(src, srcOffset, dst, dstOffset, n);
            case FLOAT64 -> fromFloat64(src, srcOffset, dst, dstOffset, n);
            case BFLOAT16 -> fromBfloat16(src, srcOffset, dst, dstOffset, n);
            case INT64 -> MemorySegment.copy(src, srcOffset, dst, dstOffset, 8L * n);
            case INT32 -> fromInt32(src, srcOffset, dst, dstOffset, n);
            case UINT8 -> fromUint8(src, srcOffset, dst, dstOffset, n);
            case BOOL -> fromBool(src, srcOffset, dst, dstOffset, n);
        }
    }

    private static void fromFloat32(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            float x = src.get(F32, srcOffset + 4L * i);
            dst.set(I64, dstOffset + 8L * i, (long) x);
        }
    }

    private static void fromFloat64(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            double x = src.get(F64, srcOffset + 8L * i);
            dst.set(I64, dstOffset + 8L * i, (long) x);
        }
    }

    private static void fromBfloat16(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            short x = src.get(I16, srcOffset + 2L * i);
            dst.set(I64, dstOffset + 8L * i, (long) Bfloat16Kernel.toFloat(x));
        }
    }

    private static void fromInt32(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            int x = src.get(I32, srcOffset + 4L * i);
            dst.set(I64, dstOffset + 8L * i, x);
        }
    }

    private static void fromUint8(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            byte x = src.get(I8, srcOffset + i);
            dst.set(I64, dstOffset + 8L * i, x & 0xff);
        }
    }

    private static void fromBool(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            byte x = src.get(I8, srcOffset + i);
            dst.set(I64, dstOffset + 8L * i, x != 0 ? 1 : 0);
        }
    }

    static void store(DType dtype, MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        switch (dtype) {
            case FLOAT32 -> toFloat32(src, srcOffset, dst, dstOffset, n);
            case FLOAT64 -> toFloat64(src, srcOffset, dst, dstOffset, n);
            case BFLOAT16 -> toBfloat16(src, srcOffset, dst, dstOffset, n);
            case INT64 -> MemorySegment.copy(src, srcOffset, dst, dstOffset, 8L * n);
            case INT32 -> toInt32(src, srcOffset, dst, dstOffset, n);
            case UINT8 -> toUint8(src, srcOffset, dst, dstOffset, n);
            case BOOL -> toBool(src, srcOffset, dst, dstOffset, n);
        }
    }

    private static void toFloat32(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            long x = src.get(I64, srcOffset + 8L * i);
            dst.set(F32, dstOffset + 4L * i, x);
        }
    }

    private static void toFloat64(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            long x = src.get(I64, srcOffset + 8L * i);
            dst.set(F64, dstOffset + 8L * i, x);
        }
    }

    private static void toBfloat16(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            long x = src.get(I64, srcOffset + 8L * i);
            dst.set(I16, dstOffset + 2L * i, Bfloat16Kernel.fromFloat(x));
        }
    }

    private static void toInt32(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            long x = src.get(I64, srcOffset + 8L * i);
            dst.set(I32, dstOffset + 4L * i, (int) x);
        }
    }

    private static void toUint8(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            long x = src.get(I64, srcOffset + 8L * i);
            dst.set(I8, dstOffset + i, (byte) x);
        }
    }

    private static void toBool(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            long x = src.get(I64, srcOffset + 8L * i);
            dst.set(I8, dstOffset + i, (byte) (x != 0 ? 1 : 0));
        }
    }
}
