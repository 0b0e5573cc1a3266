package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;
import org.lehr.kernels.matmul.Matrix;

/// What attention does to one row of scratch, `[from, to)` in floats with a whole number of vectors between. May only
/// be
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

    /// `max ← max + log sum`, for whole vectors of rows.
    static void logSumExp(float[] max, float[] sum) {
        Simd.logSumExp(max, sum);
    }

    /// `dS ← factor·P·(dP − mean)` in place of `dP`, which stands `distance` floats behind `P`.
    static void gradient(MemorySegment m, long from, long to, long distance, float mean, float factor) {
        Simd.gradient(m, 4 * from, 4 * to, 4 * distance, mean, factor);
    }

    /// `x ← factor·x`
    static void scale(MemorySegment m, long from, long to, float factor) {
        Simd.scale(m, 4 * from, 4 * to, factor);
    }

    /// `x ← cap·tanh(x/cap)`
    static void cap(MemorySegment m, long from, long to, float cap) {
        Simd.cap(m, 4 * from, 4 * to, cap);
    }

    /// `y ← factor·(1 − (x/cap)²)`, how fast the capped `x` grew, where `y` begins at `other`.
    static void slopes(MemorySegment m, long from, long to, long other, float cap, float factor) {
        Simd.slopes(m, 4 * from, 4 * to, 4 * (other - from), cap, factor);
    }

    /// `x ← x·y`, where `y` begins at `other`.
    static void multiply(MemorySegment m, long from, long to, long other) {
        Simd.multiply(m, 4 * from, 4 * to, 4 * (other - from));
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

    /// `Σ x·y` over row `r` of both, of padded width.
    static float dot(Matrix x, Matrix y, int r, int width) {
        return Simd.dot(x, y, r, width);
    }

    /// `to[j] = Σ q·kⱼ` for the first row of `q` and `count` rows of `k`, of padded width.
    static void dots(Matrix q, Matrix k, int count, int width, Matrix to) {
        Simd.dots(q, k, count, width, to);
    }

    /// Methods that take or return vectors are spelled out in the loops: their callers are inlined into large
    /// methods,
    /// where the compiler's budget can end before it has inlined them, and then every vector becomes an object.
    private static final class Simd {
        private static final VectorSpecies<Float> F = Species.F32;
        private static final long W = 4L * F.length();
        private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(F, 8, 1, true);
        private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(F, 4, 1, true);
        private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(F, 2, 1, true);
        private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(F, 1, 1, true);
        private static final FloatVector PLACES = FloatVector.zero(F).addIndex(1);
        private static final ByteOrder N = ByteOrder.nativeOrder();

        private static final float LOG2_E = 1.442695f;
        private static final float LN2 = 0.6931472f;
        /// `ln 2 − LN2`
        private static final float LN2_REST = -1.9046542e-9f;
        /// 1.5·2²³ + 127: adding it rounds to an integer, whose low bits are then the biased exponent.
        private static final float ROUNDER = 12_583_039f;
        /// Below this, `exp` is no normal number; it becomes 0.
        private static final float LEAST = -87.33654f;

        private static float max(MemorySegment scratch, long from, long to) {
            MemorySegment m = NativeMemory.of(scratch);
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

        /// [VectorMath#expNormal] and [org.lehr.kernels.lanes.LaneSum], spelled out.
        private static float exp(MemorySegment scratch, long from, long to, float shift) {
            MemorySegment m = NativeMemory.of(scratch);
            FloatVector sum = FloatVector.zero(F);
            for (long i = from; i < to; i += W) {
                FloatVector x = FloatVector.fromMemorySegment(F, m, i, N).sub(shift);
                FloatVector shifted = x.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUNDER));
                FloatVector n = shifted.sub(ROUNDER);
                FloatVector r = n.fma(FloatVector.broadcast(F, -LN2), x);
                r = n.fma(FloatVector.broadcast(F, -LN2_REST), r);
                FloatVector p = FloatVector.broadcast(F, 0x1.6a4d6ep-10f);
                p = p.fma(r, FloatVector.broadcast(F, 0x1.123e58p-7f));
                p = p.fma(r, FloatVector.broadcast(F, 0x1.5558b8p-5f));
                p = p.fma(r, FloatVector.broadcast(F, 0x1.55548cp-3f));
                p = p.fma(r, FloatVector.broadcast(F, 0x1.fffffcp-2f));
                p = p.fma(r.mul(r), r.add(1f));
                FloatVector power = shifted.reinterpretAsInts()
                        .lanewise(VectorOperators.LSHL, 23)
                        .reinterpretAsFloats();
                FloatVector y = p.mul(power).blend(0f, x.compare(VectorOperators.LT, LEAST));
                y.intoMemorySegment(m, i, N);
                sum = sum.add(y);
            }
            if (F.length() >= 16) {
                sum = sum.add(sum.rearrange(BY_8));
            }
            if (F.length() >= 8) {
                sum = sum.add(sum.rearrange(BY_4));
            }
            sum = sum.add(sum.rearrange(BY_2));
            return sum.add(sum.rearrange(BY_1)).lane(0);
        }

        private static void logSumExp(float[] max, float[] sum) {
            for (int i = 0; i < max.length; i += F.length()) {
                VectorMath.log(FloatVector.fromArray(F, sum, i))
                        .add(FloatVector.fromArray(F, max, i))
                        .intoArray(max, i);
            }
        }

        private static void gradient(
                MemorySegment scratch, long from, long to, long distance, float mean, float factor) {
            MemorySegment m = NativeMemory.of(scratch);
            for (long i = from; i < to; i += W) {
                FloatVector.fromMemorySegment(F, m, i + distance, N)
                        .sub(mean)
                        .mul(factor)
                        .mul(FloatVector.fromMemorySegment(F, m, i, N))
                        .intoMemorySegment(m, i + distance, N);
            }
        }

        private static void scale(MemorySegment scratch, long from, long to, float factor) {
            MemorySegment m = NativeMemory.of(scratch);
            for (long i = from; i < to; i += W) {
                FloatVector.fromMemorySegment(F, m, i, N).mul(factor).intoMemorySegment(m, i, N);
            }
        }

        private static void cap(MemorySegment scratch, long from, long to, float cap) {
            MemorySegment m = NativeMemory.of(scratch);
            for (long i = from; i < to; i += W) {
                VectorMath.tanh(FloatVector.fromMemorySegment(F, m, i, N).mul(1 / cap))
                        .mul(cap)
                        .intoMemorySegment(m, i, N);
            }
        }

        private static void slopes(MemorySegment scratch, long from, long to, long distance, float cap, float factor) {
            MemorySegment m = NativeMemory.of(scratch);
            for (long i = from; i < to; i += W) {
                FloatVector share = FloatVector.fromMemorySegment(F, m, i, N).mul(1 / cap);
                share.mul(share).neg().add(1f).mul(factor).intoMemorySegment(m, i + distance, N);
            }
        }

        private static void multiply(MemorySegment scratch, long from, long to, long distance) {
            MemorySegment m = NativeMemory.of(scratch);
            for (long i = from; i < to; i += W) {
                FloatVector.fromMemorySegment(F, m, i, N)
                        .mul(FloatVector.fromMemorySegment(F, m, i + distance, N))
                        .intoMemorySegment(m, i, N);
            }
        }

        private static void add(MemorySegment scratch, long from, long to, long distance) {
            MemorySegment m = NativeMemory.of(scratch);
            for (long i = from; i < to; i += W) {
                FloatVector.fromMemorySegment(F, m, i, N)
                        .add(FloatVector.fromMemorySegment(F, m, i + distance, N))
                        .intoMemorySegment(m, i, N);
            }
        }

        private static void hide(MemorySegment scratch, long from, long to, long distance) {
            MemorySegment m = NativeMemory.of(scratch);
            for (long i = from; i < to; i += W) {
                FloatVector hidden = FloatVector.fromMemorySegment(F, m, i + distance, N);
                FloatVector.fromMemorySegment(F, m, i, N)
                        .blend(Float.NEGATIVE_INFINITY, hidden.compare(VectorOperators.NE, 0f))
                        .intoMemorySegment(m, i, N);
            }
        }

        private static void keep(MemorySegment scratch, long row, int from, int to, int first, int end) {
            MemorySegment m = NativeMemory.of(scratch);
            for (int i = from; i < first; i += F.length()) {
                FloatVector.fromMemorySegment(F, m, row + 4L * i, N)
                        .blend(Float.NEGATIVE_INFINITY, PLACES.compare(VectorOperators.LT, (float) (first - i)))
                        .intoMemorySegment(m, row + 4L * i, N);
            }
            for (int i = from + (end - from) / F.length() * F.length(); i < to; i += F.length()) {
                FloatVector.fromMemorySegment(F, m, row + 4L * i, N)
                        .blend(Float.NEGATIVE_INFINITY, PLACES.compare(VectorOperators.GE, (float) (end - i)))
                        .intoMemorySegment(m, row + 4L * i, N);
            }
        }

        private static float dot(Matrix x, Matrix y, int r, int width) {
            MemorySegment m = NativeMemory.of(x.segment());
            MemorySegment o = NativeMemory.of(y.segment());
            FloatVector sum = FloatVector.zero(F);
            for (long i = 0; i < 4L * width; i += W) {
                sum = FloatVector.fromMemorySegment(F, m, 4 * x.at(r, 0) + i, N)
                        .fma(FloatVector.fromMemorySegment(F, o, 4 * y.at(r, 0) + i, N), sum);
            }
            if (F.length() >= 16) {
                sum = sum.add(sum.rearrange(BY_8));
            }
            if (F.length() >= 8) {
                sum = sum.add(sum.rearrange(BY_4));
            }
            sum = sum.add(sum.rearrange(BY_2));
            return sum.add(sum.rearrange(BY_1)).lane(0);
        }

        /// Four rows at a time, so that a sum need not wait for itself.
        private static void dots(Matrix query, Matrix keys, int count, int width, Matrix to) {
            MemorySegment q = NativeMemory.of(query.segment());
            MemorySegment k = NativeMemory.of(keys.segment());
            long start = 4 * query.offset();
            for (int j = 0; j < count; j += 4) {
                long row = 4 * keys.at(j, 0);
                long second = 4 * keys.at(Math.min(j + 1, count - 1), 0);
                long third = 4 * keys.at(Math.min(j + 2, count - 1), 0);
                long fourth = 4 * keys.at(Math.min(j + 3, count - 1), 0);
                FloatVector a = FloatVector.zero(F);
                FloatVector b = a;
                FloatVector c = a;
                FloatVector d = a;
                for (long i = 0; i < 4L * width; i += W) {
                    FloatVector x = FloatVector.fromMemorySegment(F, q, start + i, N);
                    a = x.fma(FloatVector.fromMemorySegment(F, k, row + i, N), a);
                    b = x.fma(FloatVector.fromMemorySegment(F, k, second + i, N), b);
                    c = x.fma(FloatVector.fromMemorySegment(F, k, third + i, N), c);
                    d = x.fma(FloatVector.fromMemorySegment(F, k, fourth + i, N), d);
                }
                store(to, Math.min(j + 3, count - 1), LaneSum.of(d.add(0f)));
                store(to, Math.min(j + 2, count - 1), LaneSum.of(c.add(0f)));
                store(to, Math.min(j + 1, count - 1), LaneSum.of(b.add(0f)));
                store(to, j, LaneSum.of(a.add(0f)));
            }
        }

        private static void store(Matrix to, int j, float x) {
            to.segment().setAtIndex(ValueLayout.JAVA_FLOAT, to.at(0, j), x);
        }
    }
}
