package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Species;

/// What attention does to one row of scratch, `[from, to)` in floats with a whole number of vectors between. May only be
/// touched where vectors are available.
final class SoftmaxRows {

    private SoftmaxRows() {}

    /// The largest value, passing over NaN; −∞ when there is none.
    static float max(MemorySegment m, long from, long to) {
        return Simd.max(m, 4 * from, 4 * to);
    }

    /// `x ← exp(x − shift)`, and the sum of that.
    static float exp(MemorySegment m, long from, long to, float shift) {
        return Simd.exp(m, 4 * from, 4 * to, shift);
    }

    /// `P ← exp(S − norm)` in place of the scores at `s`, and `dS ← P·(dP − mean)` in place of `dP`, which stands
    /// `distance` floats behind.
    static void gradient(MemorySegment m, long from, long to, long distance, float norm, float mean) {
        Simd.gradient(m, 4 * from, 4 * to, 4 * distance, norm, mean);
    }

    /// `x ← factor·x`
    static void scale(MemorySegment m, long from, long to, float factor) {
        Simd.scale(m, 4 * from, 4 * to, factor);
    }

    /// `x ← x + y`, where `y` begins at `other`.
    static void add(MemorySegment m, long from, long to, long other) {
        Simd.add(m, 4 * from, 4 * to, 4 * (other - from));
    }

    /// `x ← −∞` where `y`, which begins at `other`, is not 0.
    static void hide(MemorySegment m, long from, long to, long other) {
        Simd.hide(m, 4 * from, 4 * to, 4 * (other - from));
    }

    /// `x ← −∞` outside `[first, end)`, all counted from `row` on.
    static void keep(MemorySegment m, long row, int from, int to, int first, int end) {
        Simd.keep(m, 4 * row, from, to, first, end);
    }

    /// `Σ x·y`, where `y` begins at `other`.
    static float dot(MemorySegment m, long from, long to, long other) {
        return Simd.dot(m, 4 * from, 4 * to, 4 * (other - from));
    }

    private static final class Simd {
        private static final VectorSpecies<Float> F = Species.F32;
        private static final long W = 4L * F.length();
        private static final VectorShuffle<Float> BY_8 = rotation(8);
        private static final VectorShuffle<Float> BY_4 = rotation(4);
        private static final VectorShuffle<Float> BY_2 = rotation(2);
        private static final VectorShuffle<Float> BY_1 = rotation(1);
        private static final FloatVector PLACES = FloatVector.zero(F).addIndex(1);
        private static final ByteOrder N = ByteOrder.nativeOrder();

        /// Below this `exp` is no normal number; it becomes 0.
        private static final float LEAST = -87.33654f;

        private static final float LOG2_E = 1.44269504f;
        private static final float LN2_HIGH = 0.693359375f;
        private static final float LN2_LOW = -2.12194440e-4f;

        /// 1.5·2²³ + 127: adding it rounds to an integer, whose low bits are then the biased exponent.
        private static final float ROUNDER = 12_583_039f;

        private static float max(MemorySegment m, long from, long to) {
            FloatVector a = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
            FloatVector b = a;
            long i = from;
            for (; i < to - W; i += 2 * W) {
                FloatVector x = FloatVector.fromMemorySegment(F, m, i, N);
                FloatVector y = FloatVector.fromMemorySegment(F, m, i + W, N);
                a = a.blend(x, x.compare(VectorOperators.GT, a));
                b = b.blend(y, y.compare(VectorOperators.GT, b));
            }
            if (i < to) {
                FloatVector x = FloatVector.fromMemorySegment(F, m, i, N);
                a = a.blend(x, x.compare(VectorOperators.GT, a));
            }
            return a.max(b).reduceLanes(VectorOperators.MAX);
        }

        private static float exp(MemorySegment m, long from, long to, float shift) {
            FloatVector sum = FloatVector.zero(F);
            for (long i = from; i < to; i += W) {
                FloatVector y = exp(FloatVector.fromMemorySegment(F, m, i, N).sub(shift));
                y.intoMemorySegment(m, i, N);
                sum = sum.add(y);
            }
            return total(sum);
        }

        private static void gradient(MemorySegment m, long from, long to, long distance, float norm, float mean) {
            for (long i = from; i < to; i += W) {
                FloatVector p = exp(FloatVector.fromMemorySegment(F, m, i, N).sub(norm));
                FloatVector dp = FloatVector.fromMemorySegment(F, m, i + distance, N);
                p.intoMemorySegment(m, i, N);
                dp.sub(mean).mul(p).intoMemorySegment(m, i + distance, N);
            }
        }

        /// `exp(x) = 2ⁿ·exp(r)` with `n = round(x/ln 2)`, `|r| ≤ ½ln 2`, by the polynomial of Cephes' `expf`, to 2 ulp for
        /// `x ≤ 88`.
        private static FloatVector exp(FloatVector x) {
            FloatVector t = x.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUNDER));
            FloatVector n = t.sub(ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_HIGH), x);
            r = n.fma(FloatVector.broadcast(F, -LN2_LOW), r);
            FloatVector p = FloatVector.broadcast(F, 1.9875691500e-4f);
            p = p.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
            p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
            p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
            p = p.fma(r.mul(r), r.add(1f));
            FloatVector power = t.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 23)
                    .reinterpretAsFloats();
            VectorMask<Float> under = x.compare(VectorOperators.LT, LEAST);
            return p.mul(power).blend(0f, under);
        }

        /// The sum of all lanes by halves, always in this order; that of `reduceLanes` is open and changes when the compiler
        /// takes over from the interpreter.
        private static float total(FloatVector x) {
            FloatVector sum = x;
            if (F.length() >= 16) {
                sum = sum.add(sum.rearrange(BY_8));
            }
            if (F.length() >= 8) {
                sum = sum.add(sum.rearrange(BY_4));
            }
            sum = sum.add(sum.rearrange(BY_2));
            sum = sum.add(sum.rearrange(BY_1));
            return sum.lane(0);
        }

        private static VectorShuffle<Float> rotation(int by) {
            return VectorShuffle.iota(F, by, 1, true);
        }

        private static void scale(MemorySegment m, long from, long to, float factor) {
            for (long i = from; i < to; i += W) {
                FloatVector.fromMemorySegment(F, m, i, N).mul(factor).intoMemorySegment(m, i, N);
            }
        }

        private static void add(MemorySegment m, long from, long to, long distance) {
            for (long i = from; i < to; i += W) {
                FloatVector.fromMemorySegment(F, m, i, N)
                        .add(FloatVector.fromMemorySegment(F, m, i + distance, N))
                        .intoMemorySegment(m, i, N);
            }
        }

        private static void hide(MemorySegment m, long from, long to, long distance) {
            for (long i = from; i < to; i += W) {
                VectorMask<Float> hidden = FloatVector.fromMemorySegment(F, m, i + distance, N)
                        .compare(VectorOperators.NE, 0f);
                FloatVector.fromMemorySegment(F, m, i, N)
                        .blend(Float.NEGATIVE_INFINITY, hidden)
                        .intoMemorySegment(m, i, N);
            }
        }

        private static void keep(MemorySegment m, long row, int from, int to, int first, int end) {
            for (int i = from; i < first; i += F.length()) {
                hide(m, row + 4L * i, PLACES.compare(VectorOperators.LT, (float) (first - i)));
            }
            for (int i = from + (end - from) / F.length() * F.length(); i < to; i += F.length()) {
                hide(m, row + 4L * i, PLACES.compare(VectorOperators.GE, (float) (end - i)));
            }
        }

        private static void hide(MemorySegment m, long place, VectorMask<Float> hidden) {
            FloatVector.fromMemorySegment(F, m, place, N)
                    .blend(Float.NEGATIVE_INFINITY, hidden)
                    .intoMemorySegment(m, place, N);
        }

        private static float dot(MemorySegment m, long from, long to, long distance) {
            FloatVector sum = FloatVector.zero(F);
            for (long i = from; i < to; i += W) {
                sum = FloatVector.fromMemorySegment(F, m, i, N)
                        .fma(FloatVector.fromMemorySegment(F, m, i + distance, N), sum);
            }
            return total(sum);
        }
    }
}
