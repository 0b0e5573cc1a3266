package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// Softmax of one row and its gradient. `x [n] → y [n]`
///
/// `y = exp(x − max x) / Σ exp(x − max x)`, `dx = y·(dy − Σ y·dy)`
///
/// A row that holds NaN or +∞, or nothing but −∞, gives NaN: `0/0` and `∞/∞` have no better answer. The fast versions
/// need the vector module; their outputs do not depend on its width.
public final class SoftmaxKernel {

    private SoftmaxKernel() {}

    /// Softmax by its definition.
    public static void reference(double[] y, double[] x) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            y[i] = Math.exp(x[i] - max);
            sum += y[i];
        }
        for (int i = 0; i < x.length; i++) {
            y[i] /= sum;
        }
    }

    /// The gradient by its definition.
    public static void backwardReference(double[] dx, double[] y, double[] dy) {
        double dot = 0;
        for (int i = 0; i < y.length; i++) {
            dot += y[i] * dy[i];
        }
        for (int i = 0; i < y.length; i++) {
            dx[i] = y[i] * (dy[i] - dot);
        }
    }

    /// Softmax of rows of float32; `y` and `x` do not overlap. A row is swept three times in the first-level cache;
    /// its
    /// exponentials are added while they are formed, element `i` to partial sum `i mod 16` of its block.
    static void forward(MemorySegment y, long yFrom, MemorySegment x, long xFrom, int rows, int n) {
        if (n < ExponentialKernel.LEAST) {
            ShortRows.softmax(y, yFrom, x, xFrom, rows, n);
            return;
        }
        for (int row = 0; row < rows; row++) {
            long from = (xFrom + (long) row * n) * 4;
            long into = (yFrom + (long) row * n) * 4;
            float max = Simd.max(x, from, n);
            double sum = 0;
            for (int block = 0; block < n; block += Blocks.LENGTH) {
                sum += Simd.exp(y, into, x, from, block, Math.min(block + Blocks.LENGTH, n), max);
            }
            Simd.scale(y, into, n, (float) (1 / sum));
        }
    }

    /// The gradient of rows of float32 from `y`, the softmax; `dx` overlaps neither input.
    static void backward(
            MemorySegment dx,
            long dxFrom,
            MemorySegment y,
            long yFrom,
            MemorySegment dy,
            long dyFrom,
            int rows,
            int n) {
        for (int row = 0; row < rows; row++) {
            long skipped = (long) row * n;
            if (n >= ExponentialKernel.LEAST) {
                long into = (dxFrom + skipped) * 4;
                long left = (yFrom + skipped) * 4;
                long right = (dyFrom + skipped) * 4;
                double dot = 0;
                for (int i = 0; i < n; i += Blocks.LENGTH) {
                    dot += Simd.dot(y, left + i * 4L, dy, right + i * 4L, Math.min(Blocks.LENGTH, n - i));
                }
                Simd.backward(dx, into, y, left, dy, right, n, (float) dot);
                continue;
            }
            float dot = (float) Rows.dot(y, yFrom + skipped, dy, dyFrom + skipped, n);
            for (long i = skipped; i < skipped + n; i++) {
                float gradient = dy.getAtIndex(JAVA_FLOAT, dyFrom + i) - dot;
                dx.setAtIndex(JAVA_FLOAT, dxFrom + i, y.getAtIndex(JAVA_FLOAT, yFrom + i) * gradient);
            }
        }
    }

    /// Offsets count bytes; `n` is at least 16. Each loop ends with the last full vector, which may overlap the one
    /// before.
    private static final class Simd {

        private static final VectorSpecies<Float> SPECIES = Species.F32;
        private static final int LENGTH = SPECIES.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(SPECIES, 8, 1, true);
        private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
        private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(SPECIES, 2, 1, true);
        private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(SPECIES, 1, 1, true);

        private static final float LOG2_E = 1.442695f;
        private static final float LN2 = 0.6931472f;
        /// `ln 2 − LN2`
        private static final float LN2_REST = -1.9046542e-9f;
        /// `1.5·2²³`: adding it leaves the nearest integer in the low bits.
        private static final float ROUNDER = 12582912f;
        /// Below this, `exp` is no normal number; it becomes 0.
        private static final float LEAST = -87.33654f;

        /// The largest value, passing over NaN, which spoils the row's sum in any case; −∞ when there is none.
        static float max(MemorySegment row, long p, int n) {
            MemorySegment x = NativeMemory.of(row);
            long last = p + (n - LENGTH) * 4L;
            FloatVector a = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
            FloatVector b = a;
            for (long i = p; i < last; i += LENGTH * 8L) {
                FloatVector v = FloatVector.fromMemorySegment(SPECIES, x, i, ORDER);
                FloatVector w = FloatVector.fromMemorySegment(SPECIES, x, Math.min(i + LENGTH * 4L, last), ORDER);
                a = a.blend(v, v.compare(VectorOperators.GT, a));
                b = b.blend(w, w.compare(VectorOperators.GT, b));
            }
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, x, last, ORDER);
            a = a.blend(v, v.compare(VectorOperators.GT, a));
            return a.max(b).reduceLanes(VectorOperators.MAX);
        }

        /// `y ← exp(x − max)` for elements `[from, to)` of a row, and their sum. Where their number is no
        /// multiple of 16,
        /// the last 16 elements before `to` are formed once more, and those not counted yet are added one by
        /// one.
        static float exp(MemorySegment y, long py, MemorySegment x, long px, int from, int to, float max) {
            int end = from + (to - from & -16);
            float sum = exp(y, py + from * 4L, x, px + from * 4L, end - from, max);
            if (end < to) {
                exp(y, py + (to - 16) * 4L, x, px + (to - 16) * 4L, 16, max);
                for (int i = end; i < to; i++) {
                    sum += y.get(JAVA_FLOAT, py + i * 4L);
                }
            }
            return sum;
        }

        /// `n` is a multiple of 16. `VectorMath.expNormal` and `LaneSum`, spelled out: this is
        /// inlined into larger methods, where calls of our own come too late to be inlined. Narrow vectors take
        /// their
        /// turns in the partial sums.
        private static float exp(MemorySegment out, long py, MemorySegment in, long px, int n, float max) {
            MemorySegment y = NativeMemory.of(out);
            MemorySegment x = NativeMemory.of(in);
            FloatVector a = FloatVector.zero(SPECIES);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int i = 0; i < n; i += LENGTH) {
                FloatVector v = FloatVector.fromMemorySegment(SPECIES, x, px + i * 4L, ORDER)
                        .sub(max);
                FloatVector shifted =
                        v.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUNDER));
                FloatVector whole = shifted.sub(ROUNDER);
                FloatVector r = whole.fma(FloatVector.broadcast(SPECIES, -LN2), v);
                r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_REST), r);
                FloatVector p = FloatVector.broadcast(SPECIES, 0x1.6a4d6ep-10f);
                p = p.fma(r, FloatVector.broadcast(SPECIES, 0x1.123e58p-7f));
                p = p.fma(r, FloatVector.broadcast(SPECIES, 0x1.5558b8p-5f));
                p = p.fma(r, FloatVector.broadcast(SPECIES, 0x1.55548cp-3f));
                p = p.fma(r, FloatVector.broadcast(SPECIES, 0x1.fffffcp-2f));
                p = p.fma(r.mul(r), r.add(1f));
                FloatVector e = p.reinterpretAsInts()
                        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                        .reinterpretAsFloats()
                        .blend(0f, v.compare(VectorOperators.LT, LEAST));
                e.intoMemorySegment(y, py + i * 4L, ORDER);
                FloatVector more = a.add(e);
                if (LENGTH == 16) {
                    a = more;
                } else if (LENGTH == 8) {
                    a = b;
                    b = more;
                } else {
                    a = b;
                    b = c;
                    c = d;
                    d = more;
                }
            }
            FloatVector sum =
                    LENGTH == 16 ? a : LENGTH == 8 ? a.add(b) : a.add(c).add(b.add(d));
            if (LENGTH >= 16) {
                sum = sum.add(sum.rearrange(BY_8));
            }
            if (LENGTH >= 8) {
                sum = sum.add(sum.rearrange(BY_4));
            }
            sum = sum.add(sum.rearrange(BY_2));
            return sum.add(sum.rearrange(BY_1)).lane(0);
        }

        static void scale(MemorySegment row, long p, int n, float factor) {
            MemorySegment y = NativeMemory.of(row);
            long end = p + (n - LENGTH) * 4L;
            // Read before the loop scales a part of it.
            FloatVector last =
                    FloatVector.fromMemorySegment(SPECIES, y, end, ORDER).mul(factor);
            for (long i = p; i < end; i += LENGTH * 4L) {
                FloatVector.fromMemorySegment(SPECIES, y, i, ORDER).mul(factor).intoMemorySegment(y, i, ORDER);
            }
            last.intoMemorySegment(y, end, ORDER);
        }

        static void backward(
                MemorySegment out,
                long pdx,
                MemorySegment in,
                long py,
                MemorySegment slope,
                long pdy,
                int n,
                float dot) {
            MemorySegment dx = NativeMemory.of(out);
            MemorySegment y = NativeMemory.of(in);
            MemorySegment dy = NativeMemory.of(slope);
            long last = (n - LENGTH) * 4L;
            for (long i = 0; i < last; i += LENGTH * 4L) {
                FloatVector gradient = FloatVector.fromMemorySegment(SPECIES, dy, pdy + i, ORDER)
                        .sub(dot);
                FloatVector.fromMemorySegment(SPECIES, y, py + i, ORDER)
                        .mul(gradient)
                        .intoMemorySegment(dx, pdx + i, ORDER);
            }
            FloatVector gradient = FloatVector.fromMemorySegment(SPECIES, dy, pdy + last, ORDER)
                    .sub(dot);
            FloatVector.fromMemorySegment(SPECIES, y, py + last, ORDER)
                    .mul(gradient)
                    .intoMemorySegment(dx, pdx + last, ORDER);
        }

        /// `Σ a·b` of up to [Blocks#LENGTH] elements, in the order of [#exp].
        static float dot(MemorySegment left, long pa, MemorySegment right, long pb, int n) {
            MemorySegment x = NativeMemory.of(left);
            MemorySegment y = NativeMemory.of(right);
            FloatVector a = FloatVector.zero(SPECIES);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            int end = n & -16;
            for (long i = 0; i < end * 4L; i += LENGTH * 4L) {
                FloatVector more = FloatVector.fromMemorySegment(SPECIES, x, pa + i, ORDER)
                        .fma(FloatVector.fromMemorySegment(SPECIES, y, pb + i, ORDER), a);
                if (LENGTH == 16) {
                    a = more;
                } else if (LENGTH == 8) {
                    a = b;
                    b = more;
                } else {
                    a = b;
                    b = c;
                    c = d;
                    d = more;
                }
            }
            FloatVector sum =
                    LENGTH == 16 ? a : LENGTH == 8 ? a.add(b) : a.add(c).add(b.add(d));
            if (LENGTH >= 16) {
                sum = sum.add(sum.rearrange(BY_8));
            }
            if (LENGTH >= 8) {
                sum = sum.add(sum.rearrange(BY_4));
            }
            sum = sum.add(sum.rearrange(BY_2));
            float result = sum.add(sum.rearrange(BY_1)).lane(0);
            for (int i = end; i < n; i++) {
                result = Math.fma(x.get(JAVA_FLOAT, pa + i * 4L), y.get(JAVA_FLOAT, pb + i * 4L), result);
            }
            return result;
        }
    }
}
