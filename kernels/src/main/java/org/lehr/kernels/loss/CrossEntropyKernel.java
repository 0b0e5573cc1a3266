package org.lehr.kernels.loss;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.LossKernels.CrossEntropy;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;
import org.lehr.kernels.memory.Reals;

/// Softmax and cross-entropy in one, without the probabilities in memory.
///
/// With `t = (1 − ε)·target + ε/n` (Szegedy et al. 2016) and `lse = log Σ exp x`,
/// `loss = Σ t·(lse − x) + z·lse²` (Chowdhery et al. 2022), where a probability of 0 counts nothing whatever
/// `x` is. `x [rows, n]`, `loss, lse [rows]`. A row that does not count has loss 0 and `lse` 0.
///
/// Gradient: `dx = dLoss·((Σt + 2z·lse)·exp(x − lse) − t)`; 0 in a row that does not count. `dx` may be `x`.
///
/// Every segment begins at the array's first element; the targets have been checked.
public final class CrossEntropyKernel {

    /// Elements of a piece of a row in [#both]: half of a usual first-level cache.
    private static final int PIECE = 1 << 12;

    private CrossEntropyKernel() {}

    /// The definition, with sums in float64.
    public static void reference(
            Reals loss, Reals lse, Reals x, Targets targets, long rows, long n, CrossEntropy form) {
        for (long r = 0; r < rows; r++) {
            if (!targets.counts(r)) {
                loss.put(r, 0);
                lse.put(r, 0);
                continue;
            }
            double largest = Double.NEGATIVE_INFINITY;
            for (long j = 0; j < n; j++) {
                largest = Math.max(largest, x.get(r * n + j));
            }
            double shift = largest == Double.NEGATIVE_INFINITY ? 0 : largest;
            double sum = 0;
            for (long j = 0; j < n; j++) {
                sum += StrictMath.exp(x.get(r * n + j) - shift);
            }
            double logSum = shift + StrictMath.log(sum);
            double total = form.zLoss() * logSum * logSum;
            for (long j = 0; j < n; j++) {
                double t = smoothed(targets.probability(r, j, n), n, form);
                total += t == 0 ? 0 : t * (logSum - x.get(r * n + j));
            }
            loss.put(r, total);
            lse.put(r, logSum);
        }
    }

    /// The definition of the gradient.
    public static void referenceBackward(
            Reals dx, Reals dLoss, Reals x, Reals lse, Targets targets, long rows, long n, CrossEntropy form) {
        for (long r = 0; r < rows; r++) {
            double sum = 0;
            for (long j = 0; j < n; j++) {
                sum += smoothed(targets.probability(r, j, n), n, form);
            }
            double factor = sum + 2 * form.zLoss() * lse.get(r);
            for (long j = 0; j < n; j++) {
                double t = smoothed(targets.probability(r, j, n), n, form);
                double slope = factor * StrictMath.exp(x.get(r * n + j) - lse.get(r)) - t;
                dx.put(r * n + j, targets.counts(r) ? dLoss.get(r) * slope : 0);
            }
        }
    }

    private static double smoothed(double probability, long n, CrossEntropy form) {
        return (1 - form.labelSmoothing()) * probability + form.labelSmoothing() / n;
    }

    /// float32 [#reference]. Vectors only.
    ///
    /// What follows the last whole vector of a row stands in methods of its own: a vector that a loop carries
    /// is allocated in every round when, after the loop, it meets a vector from a call that was not inlined.
    public static void forward(
            MemorySegment loss,
            MemorySegment lse,
            MemorySegment x,
            Targets targets,
            long rows,
            int n,
            CrossEntropy form) {
        double epsilon = form.labelSmoothing();
        for (long r = 0; r < rows; r++) {
            long at = r * n * 4;
            if (!targets.counts(r)) {
                loss.setAtIndex(JAVA_FLOAT, r, 0);
                lse.setAtIndex(JAVA_FLOAT, r, 0);
                continue;
            }
            double logSum = Simd.logSumExp(x, at, n);
            double total = 1;
            double dot = 0;
            switch (targets) {
                case Targets.Classes classes ->
                    dot = x.get(JAVA_FLOAT, at + 4 * classes.labels().at(r));
                case Targets.Probabilities probabilities -> {
                    MemorySegment t = probabilities.values().segment();
                    total = Simd.sum(t, at, n);
                    dot = Simd.dot(t, x, at, n);
                }
            }
            double result = (1 - epsilon) * (total * logSum - dot) + form.zLoss() * logSum * logSum;
            if (epsilon > 0) {
                result += epsilon * (logSum - Simd.sum(x, at, n) / n);
            }
            loss.setAtIndex(JAVA_FLOAT, r, (float) result);
            lse.setAtIndex(JAVA_FLOAT, r, (float) logSum);
        }
    }

    /// float32 [#referenceBackward]. Vectors only.
    public static void backward(
            MemorySegment dx,
            MemorySegment dLoss,
            MemorySegment x,
            MemorySegment lse,
            Targets targets,
            long rows,
            int n,
            CrossEntropy form) {
        double epsilon = form.labelSmoothing();
        for (long r = 0; r < rows; r++) {
            long at = r * n * 4;
            if (!targets.counts(r)) {
                dx.asSlice(at, 4L * n).fill((byte) 0);
                continue;
            }
            float logSum = lse.getAtIndex(JAVA_FLOAT, r);
            double slope = dLoss.getAtIndex(JAVA_FLOAT, r);
            float target = (float) (slope * (1 - epsilon));
            float floor = (float) (slope * epsilon / n);
            double extra = 2 * form.zLoss() * logSum;
            switch (targets) {
                case Targets.Classes classes -> {
                    Simd.softmax(dx, x, at, n, logSum, (float) (slope * (1 + extra)), floor);
                    long place = at + 4 * classes.labels().at(r);
                    dx.set(JAVA_FLOAT, place, dx.get(JAVA_FLOAT, place) - target);
                }
                case Targets.Probabilities probabilities -> {
                    MemorySegment t = probabilities.values().segment();
                    double total = (1 - epsilon) * Simd.sum(t, at, n) + epsilon;
                    float factor = (float) (slope * (total + extra));
                    Simd.softmaxLess(dx, x, t, at, n, logSum, factor, floor, target);
                }
            }
        }
    }

    /// float32 [#forward] and, for a gradient `slope` of every loss, [#backward]. Vectors only.
    ///
    /// A long row is larger than the first-level cache. Piece by piece it is read for the piece's maximum, and its
    /// exponentials above that are stored where the gradient will be; once the row's sum is known, they are made
    /// that.
    public static void both(
            MemorySegment loss,
            MemorySegment lse,
            MemorySegment dx,
            double slope,
            MemorySegment x,
            Targets.Classes targets,
            long rows,
            int n,
            CrossEntropy form) {
        double epsilon = form.labelSmoothing();
        float floor = (float) (slope * epsilon / n);
        int pieces = (n + PIECE - 1) / PIECE;
        float[] largest = new float[pieces];
        double[] weights = new double[pieces];
        for (long r = 0; r < rows; r++) {
            long at = r * n * 4;
            if (!targets.counts(r)) {
                loss.setAtIndex(JAVA_FLOAT, r, 0);
                lse.setAtIndex(JAVA_FLOAT, r, 0);
                dx.asSlice(at, 4L * n).fill((byte) 0);
                continue;
            }
            float shift = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < pieces; i++) {
                long from = at + 4L * PIECE * i;
                int length = Math.min(PIECE, n - PIECE * i);
                largest[i] = Simd.max(x, from, length);
                weights[i] = Simd.exponentials(dx, x, from, length, finite(largest[i]));
                shift = Math.max(shift, largest[i]);
            }
            shift = finite(shift);
            double sum = 0;
            for (int i = 0; i < pieces; i++) {
                double weight = largest[i] == shift ? 1 : StrictMath.exp((double) largest[i] - shift);
                sum += weight * weights[i];
                weights[i] = weight;
            }
            double logSum = shift + StrictMath.log(sum);
            long place = at + 4 * targets.labels().at(r);
            double result = (1 - epsilon) * (logSum - x.get(JAVA_FLOAT, place)) + form.zLoss() * logSum * logSum;
            if (epsilon > 0) {
                result += epsilon * (logSum - Simd.sum(x, at, n) / n);
            }
            loss.setAtIndex(JAVA_FLOAT, r, (float) result);
            lse.setAtIndex(JAVA_FLOAT, r, (float) logSum);
            double factor = slope * (1 + 2 * form.zLoss() * logSum) / sum;
            for (int i = 0; i < pieces; i++) {
                int length = Math.min(PIECE, n - PIECE * i);
                Simd.scale(dx, at + 4L * PIECE * i, length, (float) (factor * weights[i]), floor);
            }
            dx.set(JAVA_FLOAT, place, dx.get(JAVA_FLOAT, place) - (float) (slope * (1 - epsilon)));
        }
    }

    /// What is taken off a piece's elements: its maximum, where there is one.
    private static float finite(float largest) {
        return largest == Float.NEGATIVE_INFINITY ? 0 : largest;
    }

    private static final class Simd {
        private static final int LANES = Species.F32.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        /// Elements summed in float32 before they go into a float64 sum.
        private static final int BLOCK = 128 * LANES;

        private static FloatVector load(MemorySegment segment, long at) {
            return FloatVector.fromMemorySegment(Species.F32, segment, at, ORDER);
        }

        private static VectorMask<Float> rest(int j, int n) {
            return Species.F32.indexInRange(j, n);
        }

        /// The elements from `j` to the row's end, then `filler`.
        private static FloatVector loadRest(MemorySegment segment, long at, int j, int n, float filler) {
            VectorMask<Float> rest = rest(j, n);
            FloatVector values = FloatVector.fromMemorySegment(Species.F32, segment, at + 4L * j, ORDER, rest);
            return values.blend(filler, rest.not());
        }

        /// The larger, where a NaN in `x` is passed over.
        private static FloatVector larger(FloatVector max, FloatVector x) {
            return max.blend(x, x.compare(VectorOperators.GT, max));
        }

        /// A NaN may be passed over here: it comes back by the sum of exponentials.
        private static float max(MemorySegment x, long at, int n) {
            FloatVector a = FloatVector.broadcast(Species.F32, Float.NEGATIVE_INFINITY);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            int j = 0;
            for (; j <= n - 4 * LANES; j += 4 * LANES) {
                a = larger(a, load(x, at + 4L * j));
                b = larger(b, load(x, at + 4L * (j + LANES)));
                c = larger(c, load(x, at + 4L * (j + 2 * LANES)));
                d = larger(d, load(x, at + 4L * (j + 3 * LANES)));
            }
            for (; j <= n - LANES; j += LANES) {
                FloatVector next = load(x, at + 4L * j);
                a = a.blend(next, next.compare(VectorOperators.GT, a));
            }
            FloatVector left = a.blend(b, b.compare(VectorOperators.GT, a));
            FloatVector right = c.blend(d, d.compare(VectorOperators.GT, c));
            float max =
                    left.blend(right, right.compare(VectorOperators.GT, left)).reduceLanes(VectorOperators.MAX);
            for (; j < n; j++) {
                float last = x.get(JAVA_FLOAT, at + 4L * j);
                max = last > max ? last : max;
            }
            return max;
        }

        static double logSumExp(MemorySegment x, long at, int n) {
            float largest = max(x, at, n);
            float shift = finite(largest);
            int end = n - n % LANES;
            double sum = 0;
            for (int j = 0; j < end; j += BLOCK) {
                sum += sumExp(x, at, j, Math.min(end, j + BLOCK), shift);
            }
            return shift + StrictMath.log(end < n ? sum + restOfSumExp(x, at, end, n, shift) : sum);
        }

        private static float restOfSumExp(MemorySegment x, long at, int from, int n, float shift) {
            FloatVector last = loadRest(x, at, from, n, Float.NEGATIVE_INFINITY);
            return LaneSum.of(VectorMath.expNormal(last.sub(shift)));
        }

        private static float sumExp(MemorySegment x, long at, int from, int to, float shift) {
            FloatVector sum = FloatVector.zero(Species.F32);
            for (int j = from; j < to; j += LANES) {
                sum = sum.add(VectorMath.expNormal(load(x, at + 4L * j).sub(shift)));
            }
            return LaneSum.of(sum.add(0));
        }

        /// `e = exp(x − shift)`; returns their sum.
        static double exponentials(MemorySegment e, MemorySegment x, long at, int n, float shift) {
            int end = n - n % LANES;
            double sum = 0;
            for (int j = 0; j < end; j += BLOCK) {
                sum += exponentials(e, x, at, j, Math.min(end, j + BLOCK), shift);
            }
            return end < n ? sum + restOfExponentials(e, x, at, end, n, shift) : sum;
        }

        private static float exponentials(
                MemorySegment exponentials, MemorySegment row, long at, int from, int to, float shift) {
            MemorySegment e = NativeMemory.of(exponentials);
            MemorySegment x = NativeMemory.of(row);
            FloatVector sum = FloatVector.zero(Species.F32);
            for (int j = from; j < to; j += LANES) {
                FloatVector y = VectorMath.expNormal(load(x, at + 4L * j).sub(shift));
                y.intoMemorySegment(e, at + 4L * j, ORDER);
                sum = sum.add(y);
            }
            return LaneSum.of(sum.add(0));
        }

        private static float restOfExponentials(
                MemorySegment e, MemorySegment x, long at, int from, int n, float shift) {
            FloatVector last = VectorMath.expNormal(
                    loadRest(x, at, from, n, Float.NEGATIVE_INFINITY).sub(shift));
            last.intoMemorySegment(e, at + 4L * from, ORDER, rest(from, n));
            return LaneSum.of(last);
        }

        /// `e = factor·e − floor`
        static void scale(MemorySegment inOut, long at, int n, float factor, float floor) {
            MemorySegment e = NativeMemory.of(inOut);
            FloatVector floors = FloatVector.broadcast(Species.F32, -floor);
            FloatVector factors = FloatVector.broadcast(Species.F32, factor);
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                load(e, at + 4L * j).fma(factors, floors).intoMemorySegment(e, at + 4L * j, ORDER);
            }
            for (; j < n; j++) {
                e.set(JAVA_FLOAT, at + 4L * j, Math.fma(e.get(JAVA_FLOAT, at + 4L * j), factor, -floor));
            }
        }

        static double sum(MemorySegment x, long at, int n) {
            int end = n - n % LANES;
            double sum = 0;
            for (int j = 0; j < end; j += BLOCK) {
                sum += sum(x, at, j, Math.min(end, j + BLOCK));
            }
            for (int j = end; j < n; j++) {
                sum += x.get(JAVA_FLOAT, at + 4L * j);
            }
            return sum;
        }

        private static float sum(MemorySegment x, long at, int from, int to) {
            FloatVector sum = FloatVector.zero(Species.F32);
            for (int j = from; j < to; j += LANES) {
                sum = sum.add(load(x, at + 4L * j));
            }
            return LaneSum.of(sum.add(0));
        }

        /// `Σ t·x`, where `t` is not 0.
        static double dot(MemorySegment t, MemorySegment x, long at, int n) {
            int end = n - n % LANES;
            double sum = 0;
            for (int j = 0; j < end; j += BLOCK) {
                sum += dot(t, x, at, j, Math.min(end, j + BLOCK));
            }
            for (int j = end; j < n; j++) {
                float share = t.get(JAVA_FLOAT, at + 4L * j);
                sum += share == 0 ? 0 : share * x.get(JAVA_FLOAT, at + 4L * j);
            }
            return sum;
        }

        private static float dot(MemorySegment t, MemorySegment x, long at, int from, int to) {
            FloatVector sum = FloatVector.zero(Species.F32);
            for (int j = from; j < to; j += LANES) {
                FloatVector share = load(t, at + 4L * j);
                FloatVector product = share.mul(load(x, at + 4L * j));
                sum = sum.add(product.blend(0, share.compare(VectorOperators.EQ, 0)));
            }
            return LaneSum.of(sum.add(0));
        }

        /// `dx = factor·exp(x − lse) − floor`
        static void softmax(MemorySegment dx, MemorySegment x, long at, int n, float lse, float factor, float floor) {
            FloatVector floors = FloatVector.broadcast(Species.F32, -floor);
            FloatVector factors = FloatVector.broadcast(Species.F32, factor);
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                VectorMath.expNormal(load(x, at + 4L * j).sub(lse))
                        .fma(factors, floors)
                        .intoMemorySegment(dx, at + 4L * j, ORDER);
            }
            if (j < n) {
                restOfSoftmax(dx, x, at, j, n, lse, factor, floor);
            }
        }

        private static void restOfSoftmax(
                MemorySegment dx, MemorySegment x, long at, int from, int n, float lse, float factor, float floor) {
            VectorMath.expNormal(loadRest(x, at, from, n, 0).sub(lse))
                    .mul(factor)
                    .sub(floor)
                    .intoMemorySegment(dx, at + 4L * from, ORDER, rest(from, n));
        }

        /// `dx = factor·exp(x − lse) − floor − weight·t`
        static void softmaxLess(
                MemorySegment dx,
                MemorySegment x,
                MemorySegment t,
                long at,
                int n,
                float lse,
                float factor,
                float floor,
                float weight) {
            FloatVector floors = FloatVector.broadcast(Species.F32, -floor);
            FloatVector factors = FloatVector.broadcast(Species.F32, factor);
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                VectorMath.expNormal(load(x, at + 4L * j).sub(lse))
                        .fma(factors, floors)
                        .sub(load(t, at + 4L * j).mul(weight))
                        .intoMemorySegment(dx, at + 4L * j, ORDER);
            }
            if (j < n) {
                restOfSoftmax(dx, x, at, j, n, lse, factor, floor);
            }
            for (; j < n; j++) {
                float slope = dx.get(JAVA_FLOAT, at + 4L * j) - t.get(JAVA_FLOAT, at + 4L * j) * weight;
                dx.set(JAVA_FLOAT, at + 4L * j, slope);
            }
        }
    }
}
