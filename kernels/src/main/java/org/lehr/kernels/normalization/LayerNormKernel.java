package org.lehr.kernels.normalization;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.memory.Reals;

/// Layer normalisation (Ba, Kiros, Hinton 2016).
///
/// `y = x̂·weight + bias` with `x̂ = (x − mean)·rstd`, `rstd = 1/√(Σ(x − mean)²/n + ε)`;
/// `x, y [rows, n]`, `weight, bias [n]`, `mean, rstd [rows]`. Over rows of length 0 mean and variance are 0.
///
/// Gradient: with `g = dy·weight`, `dx = rstd·(g − mean(g) − x̂·mean(g·x̂))`, `dWeight = Σ dy·x̂`,
/// `dBias = Σ dy`.
///
/// Everything begins at the first byte of its segment; `weight` and `bias` may be null.
public final class LayerNormKernel {

    private static final int GROUP_ELEMENTS = 2048;

    private LayerNormKernel() {}

    /// The definition, with sums in float64.
    public static void reference(
            Reals y, Reals mean, Reals rstd, Reals x, Reals weight, Reals bias, long rows, long n, double epsilon) {
        long count = Math.max(n, 1);
        for (long r = 0; r < rows; r++) {
            double sum = 0;
            for (long i = r * n; i < (r + 1) * n; i++) {
                sum += x.get(i);
            }
            double center = sum / count;
            double squares = 0;
            for (long i = r * n; i < (r + 1) * n; i++) {
                double deviation = x.get(i) - center;
                squares += deviation * deviation;
            }
            double scale = 1 / Math.sqrt(squares / count + epsilon);
            for (long j = 0; j < n; j++) {
                double normal = (x.get(r * n + j) - center) * scale;
                double weighted = weight == null ? normal : normal * weight.get(j);
                y.put(r * n + j, bias == null ? weighted : weighted + bias.get(j));
            }
            mean.put(r, center);
            rstd.put(r, scale);
        }
    }

    /// The definition of `dx`, with sums in float64.
    public static void referenceInput(
            Reals dx, Reals dy, Reals x, Reals mean, Reals rstd, Reals weight, long rows, long n) {
        long count = Math.max(n, 1);
        for (long r = 0; r < rows; r++) {
            double center = mean.get(r);
            double scale = rstd.get(r);
            double sum = 0;
            double product = 0;
            for (long j = 0; j < n; j++) {
                double g = weight == null ? dy.get(r * n + j) : dy.get(r * n + j) * weight.get(j);
                sum += g;
                product += g * (x.get(r * n + j) - center) * scale;
            }
            for (long j = 0; j < n; j++) {
                double g = weight == null ? dy.get(r * n + j) : dy.get(r * n + j) * weight.get(j);
                double normal = (x.get(r * n + j) - center) * scale;
                dx.put(r * n + j, scale * (g - sum / count - normal * (product / count)));
            }
        }
    }

    /// The definition of `dWeight` and `dBias` (either may be null) for columns `[from, to)`, summed in
    /// float64.
    public static void referenceParameters(
            Reals dWeight,
            Reals dBias,
            Reals dy,
            Reals x,
            Reals mean,
            Reals rstd,
            long rows,
            long n,
            long from,
            long to) {
        for (long j = from; j < to; j++) {
            double forWeight = 0;
            double forBias = 0;
            for (long r = 0; r < rows; r++) {
                double slope = dy.get(r * n + j);
                forWeight += slope * (x.get(r * n + j) - mean.get(r)) * rstd.get(r);
                forBias += slope;
            }
            if (dWeight != null) {
                dWeight.put(j, forWeight);
            }
            if (dBias != null) {
                dBias.put(j, forBias);
            }
        }
    }

    /// float32 [#reference] for rows `[from, to)`; `weight` and `bias` are given. Vectors only.
    public static void forward(
            MemorySegment y,
            MemorySegment mean,
            MemorySegment rstd,
            MemorySegment x,
            MemorySegment weight,
            MemorySegment bias,
            long from,
            long to,
            int n,
            double epsilon) {
        int group = group(n);
        for (long first = from; first < to; first += group) {
            long end = Math.min(first + group, to);
            for (long r = first; r < end; r++) {
                mean.setAtIndex(JAVA_FLOAT, r, Simd.sum(x, r * n * 4, n) / Math.max(n, 1));
            }
            for (long r = first; r < end; r++) {
                float center = mean.getAtIndex(JAVA_FLOAT, r);
                float variance = Simd.squaredDeviations(x, r * n * 4, n, center) / Math.max(n, 1);
                rstd.setAtIndex(JAVA_FLOAT, r, (float) (1 / Math.sqrt(variance + epsilon)));
            }
            for (long r = first; r < end; r++) {
                float center = mean.getAtIndex(JAVA_FLOAT, r);
                Simd.normalize(y, x, r * n * 4, n, center, rstd.getAtIndex(JAVA_FLOAT, r), weight, bias);
            }
        }
    }

    /// Rows that are swept together: each sweep ends with a sum over lanes, a division or a root, which takes as
    /// long as
    /// a third of a row; over several rows of the first-level cache these overlap.
    private static int group(int n) {
        return Math.max(1, GROUP_ELEMENTS / Math.max(n, 1));
    }

    /// float32 [#referenceInput] for rows `[from, to)`, and `sums [2, n] += (Σ dy·x̂, Σ dy)` over these rows;
    /// `weight` is given. Vectors only.
    public static void backward(
            MemorySegment dx,
            MemorySegment sums,
            MemorySegment dy,
            MemorySegment x,
            MemorySegment mean,
            MemorySegment rstd,
            MemorySegment weight,
            long from,
            long to,
            int n) {
        int group = group(n);
        float[] found = new float[2 * group];
        for (long first = from; first < to; first += group) {
            long end = Math.min(first + group, to);
            for (long r = first; r < end; r++) {
                float center = mean.getAtIndex(JAVA_FLOAT, r);
                float scale = rstd.getAtIndex(JAVA_FLOAT, r);
                Simd.sums(sums, dy, x, weight, r * n * 4, n, center, scale, found, 2 * (int) (r - first));
            }
            for (long r = first; r < end; r++) {
                float center = mean.getAtIndex(JAVA_FLOAT, r);
                float scale = rstd.getAtIndex(JAVA_FLOAT, r);
                int i = 2 * (int) (r - first);
                Simd.propagate(dx, dy, x, weight, r * n * 4, n, center, scale, found[i] / n, found[i + 1] / n);
            }
        }
    }

    /// What touches vector types.
    private static final class Simd {
        private static final int LANES = Species.F32.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        private static FloatVector load(MemorySegment segment, long at) {
            return FloatVector.fromMemorySegment(Species.F32, segment, at, ORDER);
        }

        private static float scalar(MemorySegment segment, long at) {
            return segment.get(JAVA_FLOAT, at);
        }

        static float sum(MemorySegment row, long at, int n) {
            MemorySegment x = NativeMemory.of(row);
            FloatVector a = FloatVector.zero(Species.F32);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                a = a.add(load(x, at + 4L * j));
                b = b.add(load(x, at + 4L * (j + LANES)));
                c = c.add(load(x, at + 4L * (j + 2 * LANES)));
                d = d.add(load(x, at + 4L * (j + 3 * LANES)));
            }
            for (; j <= n - LANES; j += LANES) {
                a = a.add(load(x, at + 4L * j));
            }
            float sum = LaneSum.of(a.add(b).add(c.add(d)));
            for (; j < n; j++) {
                sum += scalar(x, at + 4L * j);
            }
            return sum;
        }

        static float squaredDeviations(MemorySegment row, long at, int n, float center) {
            MemorySegment x = NativeMemory.of(row);
            FloatVector middle = FloatVector.broadcast(Species.F32, center);
            FloatVector a = FloatVector.zero(Species.F32);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                FloatVector p = load(x, at + 4L * j).sub(middle);
                FloatVector q = load(x, at + 4L * (j + LANES)).sub(middle);
                FloatVector r = load(x, at + 4L * (j + 2 * LANES)).sub(middle);
                FloatVector s = load(x, at + 4L * (j + 3 * LANES)).sub(middle);
                a = p.fma(p, a);
                b = q.fma(q, b);
                c = r.fma(r, c);
                d = s.fma(s, d);
            }
            for (; j <= n - LANES; j += LANES) {
                FloatVector p = load(x, at + 4L * j).sub(middle);
                a = p.fma(p, a);
            }
            float sum = LaneSum.of(a.add(b).add(c.add(d)));
            for (; j < n; j++) {
                float p = scalar(x, at + 4L * j) - center;
                sum = Math.fma(p, p, sum);
            }
            return sum;
        }

        static void normalize(
                MemorySegment out,
                MemorySegment in,
                long at,
                int n,
                float center,
                float scale,
                MemorySegment weights,
                MemorySegment biases) {
            MemorySegment y = NativeMemory.of(out);
            MemorySegment x = NativeMemory.of(in);
            MemorySegment weight = NativeMemory.of(weights);
            MemorySegment bias = NativeMemory.of(biases);
            FloatVector middle = FloatVector.broadcast(Species.F32, center);
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                load(x, at + 4L * j)
                        .sub(middle)
                        .mul(scale)
                        .fma(load(weight, 4L * j), load(bias, 4L * j))
                        .intoMemorySegment(y, at + 4L * j, ORDER);
            }
            for (; j < n; j++) {
                float normal = (scalar(x, at + 4L * j) - center) * scale;
                y.set(JAVA_FLOAT, at + 4L * j, Math.fma(normal, scalar(weight, 4L * j), scalar(bias, 4L * j)));
            }
        }

        /// Adds a row to `sums`, and writes `Σ g` and `Σ g·x̂` to `found[i]` and the next.
        static void sums(
                MemorySegment into,
                MemorySegment slopes,
                MemorySegment in,
                MemorySegment weights,
                long at,
                int n,
                float center,
                float scale,
                float[] found,
                int i) {
            MemorySegment sums = NativeMemory.of(into);
            MemorySegment dy = NativeMemory.of(slopes);
            MemorySegment x = NativeMemory.of(in);
            MemorySegment weight = NativeMemory.of(weights);
            FloatVector middle = FloatVector.broadcast(Species.F32, center);
            FloatVector total = FloatVector.zero(Species.F32);
            FloatVector product = total;
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                FloatVector slope = load(dy, at + 4L * j);
                FloatVector normal = load(x, at + 4L * j).sub(middle).mul(scale);
                slope.fma(normal, load(sums, 4L * j)).intoMemorySegment(sums, 4L * j, ORDER);
                slope.add(load(sums, 4L * (n + j))).intoMemorySegment(sums, 4L * (n + j), ORDER);
                FloatVector g = slope.mul(load(weight, 4L * j));
                total = total.add(g);
                product = g.fma(normal, product);
            }
            float sum = LaneSum.of(total.add(0));
            float dot = LaneSum.of(product.add(0));
            for (; j < n; j++) {
                float slope = scalar(dy, at + 4L * j);
                float normal = (scalar(x, at + 4L * j) - center) * scale;
                sums.set(JAVA_FLOAT, 4L * j, Math.fma(slope, normal, scalar(sums, 4L * j)));
                sums.set(JAVA_FLOAT, 4L * (n + j), slope + scalar(sums, 4L * (n + j)));
                float g = slope * scalar(weight, 4L * j);
                sum += g;
                dot = Math.fma(g, normal, dot);
            }
            found[i] = sum;
            found[i + 1] = dot;
        }

        static void propagate(
                MemorySegment out,
                MemorySegment slopes,
                MemorySegment in,
                MemorySegment weights,
                long at,
                int n,
                float center,
                float scale,
                float shift,
                float tilt) {
            MemorySegment dx = NativeMemory.of(out);
            MemorySegment dy = NativeMemory.of(slopes);
            MemorySegment x = NativeMemory.of(in);
            MemorySegment weight = NativeMemory.of(weights);
            FloatVector middle = FloatVector.broadcast(Species.F32, center);
            FloatVector shifts = FloatVector.broadcast(Species.F32, -shift);
            FloatVector tilts = FloatVector.broadcast(Species.F32, -tilt);
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                FloatVector normal = load(x, at + 4L * j).sub(middle).mul(scale);
                FloatVector g = load(dy, at + 4L * j).fma(load(weight, 4L * j), shifts);
                normal.fma(tilts, g).mul(scale).intoMemorySegment(dx, at + 4L * j, ORDER);
            }
            for (; j < n; j++) {
                float normal = (scalar(x, at + 4L * j) - center) * scale;
                float g = Math.fma(scalar(dy, at + 4L * j), scalar(weight, 4L * j), -shift);
                dx.set(JAVA_FLOAT, at + 4L * j, Math.fma(normal, -tilt, g) * scale);
            }
        }
    }
}
