package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// Dense runs of any dtype to and from float32. Offsets in bytes, counts in elements.
///
/// `load` reads `dtype` and writes float32; `store` reads float32 and writes `dtype`.
/// To an integer: towards zero, saturated, NaN to 0. To bool: `x ≠ 0`.
final class Float32Runs {

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;

    private Float32Runs() {}

    static void load(DType dtype, MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        switch (dtype) {
            case FLOAT32 -> MemorySegment.copy(src, srcOffset, dst, dstOffset, 4L * n);
            case FLOAT64 -> fromFloat64(src, srcOffset, dst, dstOffset, n);
            case BFLOAT16 -> Bfloat16Kernel.widen(src, srcOffset, dst, dstOffset, n);
            case INT64 -> fromInt64(src, srcOffset, dst, dstOffset, n);
            case INT32 -> fromInt32(src, srcOffset, dst, dstOffset, n);
            case UINT8 -> fromUint8(src, srcOffset, dst, dstOffset, n);
            case BOOL -> loadBool(src, srcOffset, dst, dstOffset, n);
        }
    }

    private static void fromFloat64(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            double x = src.get(F64, srcOffset + 8L * i);
            dst.set(F32, dstOffset + 4L * i, (float) x);
        }
    }

    private static void fromInt64(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            long x = src.get(I64, srcOffset + 8L * i);
            dst.set(F32, dstOffset + 4L * i, x);
        }
    }

    private static void fromInt32(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            int x = src.get(I32, srcOffset + 4L * i);
            dst.set(F32, dstOffset + 4L * i, x);
        }
    }

    private static void fromUint8(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            byte x = src.get(I8, srcOffset + i);
            dst.set(F32, dstOffset + 4L * i, x & 0xff);
        }
    }

    static void store(DType dtype, MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        switch (dtype) {
            case FLOAT32 -> MemorySegment.copy(src, srcOffset, dst, dstOffset, 4L * n);
            case FLOAT64 -> toFloat64(src, srcOffset, dst, dstOffset, n);
            case BFLOAT16 -> Bfloat16Kernel.narrow(src, srcOffset, dst, dstOffset, n);
            case INT64 -> toInt64(src, srcOffset, dst, dstOffset, n);
            case INT32 -> toInt32(src, srcOffset, dst, dstOffset, n);
            case UINT8 -> toUint8(src, srcOffset, dst, dstOffset, n);
            case BOOL -> storeBool(src, srcOffset, dst, dstOffset, n);
        }
    }

    private static void toFloat64(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            float x = src.get(F32, srcOffset + 4L * i);
            dst.set(F64, dstOffset + 8L * i, x);
        }
    }

    private static void toInt64(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            float x = src.get(F32, srcOffset + 4L * i);
            dst.set(I64, dstOffset + 8L * i, (long) x);
        }
    }

    private static void toInt32(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            float x = src.get(F32, srcOffset + 4L * i);
            dst.set(I32, dstOffset + 4L * i, (int) x);
        }
    }

    private static void toUint8(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        for (int i = 0; i < n; i++) {
            float x = src.get(F32, srcOffset + 4L * i);
            dst.set(I8, dstOffset + i, (byte) Math.clamp((int) x, 0, 255));
        }
    }

    private static void loadBool(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        int i = Lanes.available() ? Simd.loadBool(src, srcOffset, dst, dstOffset, n) : 0;
        for (; i < n; i++) {
            dst.set(F32, dstOffset + 4L * i, src.get(I8, srcOffset + i) != 0 ? 1 : 0);
        }
    }

    private static void storeBool(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        int i = Lanes.available() ? Simd.storeBool(src, srcOffset, dst, dstOffset, n) : 0;
        for (; i < n; i++) {
            dst.set(I8, dstOffset + i, (byte) (src.get(F32, srcOffset + 4L * i) != 0 ? 1 : 0));
        }
    }

    /// Masks are the one conversion that stands in inner loops (comparisons, `where`). All float vectors have the
    /// one
    /// width of [Species#F32]: a second one would make calls inside the Vector API polymorphic, for every kernel.
    private static final class Simd {
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final VectorSpecies<Float> FLOATS = Species.F32;
        private static final int LANES = FLOATS.length();
        private static final boolean WIDE = LANES >= 8;
        /// As many bytes as there are float lanes; there are no vectors of 4 bytes.
        private static final VectorSpecies<Byte> BYTES =
                VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LANES * Byte.SIZE)));

        static int loadBool(MemorySegment from, long srcOffset, MemorySegment to, long dstOffset, int n) {
            MemorySegment src = NativeMemory.of(from);
            MemorySegment dst = NativeMemory.of(to);
            int end = WIDE ? FLOATS.loopBound(n) : 0;
            FloatVector one = FloatVector.broadcast(FLOATS, 1);
            FloatVector zero = FloatVector.zero(FLOATS);
            for (int i = 0; i < end; i += LANES) {
                ByteVector bytes = ByteVector.fromMemorySegment(BYTES, src, srcOffset + i, ORDER);
                FloatVector wide = (FloatVector) bytes.convertShape(VectorOperators.B2F, FLOATS, 0);
                zero.blend(one, wide.compare(VectorOperators.NE, zero))
                        .intoMemorySegment(dst, dstOffset + 4L * i, ORDER);
            }
            return end;
        }

        static int storeBool(MemorySegment from, long srcOffset, MemorySegment to, long dstOffset, int n) {
            MemorySegment src = NativeMemory.of(from);
            MemorySegment dst = NativeMemory.of(to);
            int end = WIDE ? FLOATS.loopBound(n) : 0;
            FloatVector one = FloatVector.broadcast(FLOATS, 1);
            FloatVector zero = FloatVector.zero(FLOATS);
            for (int i = 0; i < end; i += LANES) {
                FloatVector x = FloatVector.fromMemorySegment(FLOATS, src, srcOffset + 4L * i, ORDER);
                FloatVector flag = zero.blend(one, x.compare(VectorOperators.NE, zero));
                ((ByteVector) flag.convertShape(VectorOperators.F2B, BYTES, 0))
                        .intoMemorySegment(dst, dstOffset + i, ORDER);
            }
            return end;
        }
    }
}
