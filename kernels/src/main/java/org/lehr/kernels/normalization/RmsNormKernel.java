package org.lehr.kernels.normalization;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.memory.Reals;

/// Root-mean-square normalisation (Zhang, Sennrich 2019).
///
/// `y = x̂·weight` with `x̂ = x·rstd`, `rstd = 1/√(Σx²/n + ε)`; `x, y [rows, n]`, `weight [n]`, `rstd [rows]`.
///
/// Gradient: with `g = dy·weight`, `dx = rstd·(g − x̂·mean(g·x̂))`, `dWeight = Σ dy·x̂`.
///
/// Every segment begins at the array's first element.
public final class RmsNormKernel {

    private RmsNormKernel() {}

    /// The definition, with sums in float64; `weight` may be null.
    public static void reference(Reals y, Reals rstd, Reals x, Reals weight, long rows, long n, double epsilon) {
        for (long r = 0; r < rows; r++) {
            double squares = 0;
            for (long i = r * n; i < (r + 1) * n; i++) {
                squares += x.get(i) * x.get(i);
            }
            double scale = 1 / Math.sqrt(squares / Math.max(n, 1) + epsilon);
            for (long j = 0; j < n; j++) {
                double normal = x.get(r * n + j) * scale;
                y.put(r * n + j, weight == null ? normal : normal * weight.get(j));
            }
            rstd.put(r, scale);
        }
    }

    /// The definition of `dx`, with sums in float64; `weight` may be null.
    public static void referenceInput(Reals dx, Reals dy, Reals x, Reals rstd, Reals weight, long rows, long n) {
        for (long r = 0; r < rows; r++) {
            double scale = rstd.get(r);
            double product = 0;
            for (long j = 0; j < n; j++) {
                double g = weight == null ? dy.get(r * n + j) : dy.get(r * n + j) * weight.get(j);
                product += g * x.get(r * n + j) * scale;
            }
            for (long j = 0; j < n; j++) {
                double g = weight == null ? dy.get(r * n + j) : dy.get(r * n + j) * weight.get(j);
                dx.put(r * n + j, scale * (g - x.get(r * n + j) * scale * (product / n)));
            }
        }
    }

    /// The definition of `dWeight` for columns `[from, to)`, summed in float64.
    public static void referenceParameters(
            Reals dWeight, Reals dy, Reals x, Reals rstd, long rows, long n, long from, long to) {
        for (long j = from; j < to; j++) {
            double sum = 0;
            for (long r = 0; r < rows; r++) {
                sum += dy.get(r * n + j) * x.get(r * n + j) * rstd.get(r);
            }
            dWeight.put(j, sum);
        }
    }

    /// float32 [#reference] for rows `[from, to)`; `weight` is given. Vectors only.
    public static void forward(
            MemorySegment y,
            MemorySegment rstd,
            MemorySegment x,
            MemorySegment weight,
            long from,
            long to,
            int n,
            double epsilon) {
        for (long r = from; r < to; r++) {
            float mean = Simd.squares(x, r * n * 4, n) / Math.max(n, 1);
            float scale = (float) (1 / Math.sqrt(mean + epsilon));
            Simd.normalize(y, x, r * n * 4, n, scale, weight);
            rstd.setAtIndex(JAVA_FLOAT, r, scale);
        }
    }

    /// float32 [#referenceInput] for rows `[from, to)`, and `sums [n] += Σ dy·x̂` over these rows; `weight`
    /// is given. Vectors only.
    public static void backward(
            MemorySegment dx,
            MemorySegment sums,
            MemorySegment dy,
            MemorySegment x,
            MemorySegment rstd,
            MemorySegment weight,
            long from,
            long to,
            int n) {
        for (long r = from; r < to; r++) {
            float scale = rstd.getAtIndex(JAVA_FLOAT, r);
            float dot = Simd.collect(sums, dy, x, weight, r * n * 4, n, scale);
            Simd.propagate(dx, dy, x, weight, r * n * 4, n, scale, dot / n);
        }
    }

    private static final class Simd {
        private static final int LANES = Species.F32.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        private static FloatVector load(MemorySegment segment, long at) {
            return FloatVector.fromMemorySegment(Species.F32, segment, at, ORDER);
        }

        private static float scalar(MemorySegment segment, long at) {
            return segment.get(JAVA_FLOAT, at);
        }

        static float squares(MemorySegment x, long at, int n) {
            FloatVector a = FloatVector.zero(Species.F32);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                FloatVector p = load(x, at + 4L * j);
                FloatVector q = load(x, at + 4L * (j + LANES));
                FloatVector r = load(x, at + 4L * (j + 2 * LANES));
                FloatVector s = load(x, at + 4L * (j + 3 * LANES));
                a = p.fma(p, a);
                b = q.fma(q, b);
                c = r.fma(r, c);
                d = s.fma(s, d);
            }
            for (; j <= n - LANES; j += LANES) {
                FloatVector p = load(x, at + 4L * j);
                a = p.fma(p, a);
            }
            float sum = LaneSum.of(a.add(b).add(c.add(d)));
            for (; j < n; j++) {
                float p = scalar(x, at + 4L * j);
                sum = Math.fma(p, p, sum);
            }
            return sum;
        }

        static void normalize(MemorySegment y, MemorySegment x, long at, int n, float scale, MemorySegment weight) {
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                load(x, at + 4L * j).mul(scale).mul(load(weight, 4L * j)).intoMemorySegment(y, at + 4L * j, ORDER);
            }
            for (; j < n; j++) {
                y.set(JAVA_FLOAT, at + 4L * j, scalar(x, at + 4L * j) * scale * scalar(weight, 4L * j));
            }
        }

        /// Adds a row's share to `sums` and returns its `Σ g·x̂`.
        static float collect(
                MemorySegment sums,
                MemorySegment dy,
                MemorySegment x,
                MemorySegment weight,
                long at,
                int n,
                float scale) {
            FloatVector product = FloatVector.zero(Species.F32);
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                FloatVector share =
                        load(dy, at + 4L * j).mul(load(x, at + 4L * j).mul(scale));
                load(sums, 4L * j).add(share).intoMemorySegment(sums, 4L * j, ORDER);
                product = share.fma(load(weight, 4L * j), product);
            }
            float dot = LaneSum.of(product.add(0));
            for (; j < n; j++) {
                float share = scalar(dy, at + 4L * j) * (scalar(x, at + 4L * j) * scale);
                sums.set(JAVA_FLOAT, 4L * j, scalar(sums, 4L * j) + share);
                dot = Math.fma(share, scalar(weight, 4L * j), dot);
            }
            return dot;
        }

        static void propagate(
                MemorySegment dx,
                MemorySegment dy,
                MemorySegment x,
                MemorySegment weight,
                long at,
                int n,
                float scale,
                float tilt) {
            FloatVector tilts = FloatVector.broadcast(Species.F32, -tilt * scale);
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                FloatVector g = load(dy, at + 4L * j).mul(load(weight, 4L * j));
                load(x, at + 4L * j).fma(tilts, g).mul(scale).intoMemorySegment(dx, at + 4L * j, ORDER);
            }
            for (; j < n; j++) {
                float g = scalar(dy, at + 4L * j) * scalar(weight, 4L * j);
                dx.set(JAVA_FLOAT, at + 4L * j, Math.fma(scalar(x, at + 4L * j), -tilt * scale, g) * scale);
            }
        }
    }
}
