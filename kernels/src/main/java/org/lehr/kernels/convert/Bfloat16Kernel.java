package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// bfloat16 is the upper half of a float32: 1 sign bit, 8 exponent bits, 7 fraction bits.
///
/// `widen`: `bits32 = bits16 << 16`, exact. `narrow`: to the nearest, ties to even, overflow to ±∞; a NaN becomes the
/// quiet NaN of its sign. Subnormals are kept. Offsets are in bytes, counts in elements; the ranges must not overlap.
public final class Bfloat16Kernel {

    private static final int QUIET_NAN = 0x7fc0;

    private Bfloat16Kernel() {}

    /// The float32 with these bfloat16 bits.
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /// The bfloat16 bits nearest to `value`. Adding `0x7fff` plus the last kept bit carries into the upper half
    /// exactly
    /// when the lower half is above a half, or is a half and the kept bit is odd.
    public static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (value != value) {
            return (short) (bits >>> 16 & 0x8000 | QUIET_NAN);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /// [#widen] in plain loops.
    public static void reference(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        widenFrom(src, srcOffset, dst, dstOffset, 0, n);
    }

    /// [#narrow] in plain loops.
    public static void narrowReference(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        narrowFrom(src, srcOffset, dst, dstOffset, 0, n);
    }

    /// `n` bfloat16 values at `src[srcOffset]` to float32 at `dst[dstOffset]`.
    public static void widen(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        int done = Lanes.available() ? Simd.widen(src, srcOffset, dst, dstOffset, n) : 0;
        widenFrom(src, srcOffset, dst, dstOffset, done, n);
    }

    /// `n` float32 values at `src[srcOffset]` to bfloat16 at `dst[dstOffset]`.
    public static void narrow(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int n) {
        int done = Lanes.available() ? Simd.narrow(src, srcOffset, dst, dstOffset, n) : 0;
        narrowFrom(src, srcOffset, dst, dstOffset, done, n);
    }

    private static void widenFrom(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int i, int n) {
        for (; i < n; i++) {
            short bits = src.get(ValueLayout.JAVA_SHORT_UNALIGNED, srcOffset + 2L * i);
            dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, dstOffset + 4L * i, toFloat(bits));
        }
    }

    private static void narrowFrom(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, int i, int n) {
        for (; i < n; i++) {
            float value = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, srcOffset + 4L * i);
            dst.set(ValueLayout.JAVA_SHORT_UNALIGNED, dstOffset + 2L * i, fromFloat(value));
        }
    }

    private static final class Simd {
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final VectorSpecies<Integer> WIDE = Species.I32;
        private static final VectorSpecies<Short> HALF = Species.I16_HALF;
        private static final int LANES = WIDE.length();

        static int widen(MemorySegment from, long srcOffset, MemorySegment to, long dstOffset, int n) {
            MemorySegment src = NativeMemory.of(from);
            MemorySegment dst = NativeMemory.of(to);
            int end = WIDE.loopBound(n);
            for (int i = 0; i < end; i += LANES) {
                IntVector bits = ((IntVector) ShortVector.fromMemorySegment(HALF, src, srcOffset + 2L * i, ORDER)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, WIDE, 0));
                bits.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(dst, dstOffset + 4L * i, ORDER);
            }
            return end;
        }

        static int narrow(MemorySegment from, long srcOffset, MemorySegment to, long dstOffset, int n) {
            MemorySegment src = NativeMemory.of(from);
            MemorySegment dst = NativeMemory.of(to);
            int end = WIDE.loopBound(n);
            for (int i = 0; i < end; i += LANES) {
                IntVector bits = IntVector.fromMemorySegment(WIDE, src, srcOffset + 4L * i, ORDER);
                IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
                IntVector rounded = bits.add(upper.and(1)).add(0x7fff).lanewise(VectorOperators.LSHR, 16);
                // bits without the sign above those of infinity are NaN
                IntVector quiet = upper.and(0x8000).or(QUIET_NAN);
                IntVector result = rounded.blend(quiet, bits.and(0x7fffffff).compare(VectorOperators.GT, 0x7f800000));
                ((ShortVector) result.convertShape(VectorOperators.I2S, HALF, 0))
                        .intoMemorySegment(dst, dstOffset + 2L * i, ORDER);
            }
            return end;
        }
    }
}
