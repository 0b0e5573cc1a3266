package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;

/// Sums and extremes over one dense run of float32: `Σ term(x_i)`. `a [n] → scalar`
///
/// The fast sums add in an order that follows from `n` alone: element `i` goes to partial sum `i mod 64`, what is left
/// over to partial sums of 16, and these are folded in halves. So every vector width gives the same bits, and the
/// error grows with `n / 64 + log 64`; callers with long rows add blocks of bounded length (see [RowReduction]).
/// Without the vector module the sums run in [#reference], whose float64 sums round differently.
public final class BlockKernel {

    /// What is added up, for an element `a` and a number `s`.
    public enum Term {
        /// `a`
        VALUE,
        /// `|a|`
        ABSOLUTE,
        /// `(a − s)²`
        SQUARE,
        /// `a·b`
        PRODUCT
    }

    private static final long BYTES = Float.BYTES;

    private BlockKernel() {}

    /// The sum by its definition, in float64. `b` is read for [Term#PRODUCT] only.
    public static double reference(
            Term term, MemorySegment a, long aFrom, MemorySegment b, long bFrom, int n, float s) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double x = a.getAtIndex(JAVA_FLOAT, aFrom + i);
            sum += switch (term) {
                case VALUE -> x;
                case ABSOLUTE -> Math.abs(x);
                case SQUARE -> (x - s) * (x - s);
                case PRODUCT -> x * b.getAtIndex(JAVA_FLOAT, bFrom + i);
            };
        }
        return sum;
    }

    /// `Σ a_i`; offsets count elements.
    static double sum(MemorySegment a, long aFrom, int n) {
        return Lanes.available()
                ? Simd.sum(Term.VALUE, a, aFrom, a, aFrom, n, 0)
                : reference(Term.VALUE, a, aFrom, a, aFrom, n, 0);
    }

    /// `Σ |a_i|`
    static double sumAbsolute(MemorySegment a, long aFrom, int n) {
        return Lanes.available()
                ? Simd.sum(Term.ABSOLUTE, a, aFrom, a, aFrom, n, 0)
                : reference(Term.ABSOLUTE, a, aFrom, a, aFrom, n, 0);
    }

    /// `Σ (a_i − s)²`
    static double sumSquares(MemorySegment a, long aFrom, int n, float s) {
        return Lanes.available()
                ? Simd.sum(Term.SQUARE, a, aFrom, a, aFrom, n, s)
                : reference(Term.SQUARE, a, aFrom, a, aFrom, n, s);
    }

    /// `Σ a_i·b_i`
    static double dot(MemorySegment a, long aFrom, MemorySegment b, long bFrom, int n) {
        return Lanes.available()
                ? Simd.sum(Term.PRODUCT, a, aFrom, b, bFrom, n, 0)
                : reference(Term.PRODUCT, a, aFrom, b, bFrom, n, 0);
    }

    /// `max a_i`; −∞ for `n = 0`, NaN when there is one.
    static float max(MemorySegment a, long aFrom, int n) {
        if (Lanes.available() && n >= Simd.LENGTH) {
            return Simd.max(a, aFrom, n);
        }
        float best = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            best = Math.max(best, a.getAtIndex(JAVA_FLOAT, aFrom + i));
        }
        return best;
    }

    /// `min a_i`; +∞ for `n = 0`, NaN when there is one.
    static float min(MemorySegment a, long aFrom, int n) {
        if (Lanes.available() && n >= Simd.LENGTH) {
            return Simd.min(a, aFrom, n);
        }
        float best = Float.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            best = Math.min(best, a.getAtIndex(JAVA_FLOAT, aFrom + i));
        }
        return best;
    }

    /// The vector code. A width of 16 lanes passes over the run once, narrower ones several times, each pass taking
    /// the partial sums `g .. g + LENGTH` of each group of 16.
    private static final class Simd {

        static final VectorSpecies<Float> SPECIES = Species.F32;
        static final int LENGTH = SPECIES.length();
        private static final int GROUP = 16;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final FloatVector LANE = FloatVector.zero(SPECIES).addIndex(1);

        /// `Σ term`, in the order that the class states.
        static float sum(Term term, MemorySegment a, long aFrom, MemorySegment b, long bFrom, int n, float s) {
            if (n < GROUP) {
                return few(term, a, aFrom, b, bFrom, n, s);
            }
            long pa = aFrom * BYTES;
            long pb = bFrom * BYTES;
            FloatVector v = strip(term, a, pa, b, pb, n, 0, s);
            if (LENGTH <= 8) {
                v = v.add(strip(term, a, pa, b, pb, n, 8, s));
            }
            if (LENGTH == 4) {
                v = v.add(strip(term, a, pa, b, pb, n, 4, s).add(strip(term, a, pa, b, pb, n, 12, s)));
            }
            return LaneSum.of(v);
        }

        /// Partial sums `g .. g + LENGTH` of 16, over all of the run; `pa`, `pb` count bytes.
        private static FloatVector strip(
                Term term, MemorySegment a, long pa, MemorySegment b, long pb, int n, int g, float s) {
            FloatVector shift = FloatVector.broadcast(SPECIES, s);
            FloatVector sum0 = FloatVector.zero(SPECIES);
            FloatVector sum1 = sum0;
            FloatVector sum2 = sum0;
            FloatVector sum3 = sum0;
            long i = g * BYTES;
            long end = (n & -64) * BYTES;
            for (; i < end; i += 64 * BYTES) {
                sum0 = add(term, sum0, a, pa + i, b, pb + i, shift);
                sum1 = add(term, sum1, a, pa + i + 16 * BYTES, b, pb + i + 16 * BYTES, shift);
                sum2 = add(term, sum2, a, pa + i + 32 * BYTES, b, pb + i + 32 * BYTES, shift);
                sum3 = add(term, sum3, a, pa + i + 48 * BYTES, b, pb + i + 48 * BYTES, shift);
            }
            sum0 = sum0.add(sum2).add(sum1.add(sum3));
            end = (n & -GROUP) * BYTES;
            for (; i < end; i += GROUP * BYTES) {
                sum0 = add(term, sum0, a, pa + i, b, pb + i, shift);
            }
            int left = n & (GROUP - 1);
            if (left > 0) {
                // The last 16 elements once more, of which all but the last `left` were counted.
                i = (n - GROUP + g) * BYTES;
                FloatVector rest = add(term, FloatVector.zero(SPECIES), a, pa + i, b, pb + i, shift);
                VectorMask<Float> counted = LANE.compare(VectorOperators.LT, (float) (GROUP - left - g));
                sum0 = sum0.add(rest.blend(0f, counted));
            }
            return sum0;
        }

        private static FloatVector add(
                Term term, FloatVector sum, MemorySegment a, long pa, MemorySegment b, long pb, FloatVector shift) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, a, pa, ORDER);
            // Comparisons with constants, where a switch would go through a table that the compiler cannot fold.
            if (term == Term.VALUE) {
                return sum.add(x);
            }
            if (term == Term.ABSOLUTE) {
                return sum.add(x.abs());
            }
            if (term == Term.SQUARE) {
                FloatVector deviation = x.sub(shift);
                return deviation.fma(deviation, sum);
            }
            return x.fma(FloatVector.fromMemorySegment(SPECIES, b, pb, ORDER), sum);
        }

        /// Fewer than 16 elements, one after the other.
        private static float few(Term term, MemorySegment a, long aFrom, MemorySegment b, long bFrom, int n, float s) {
            float sum = 0;
            for (int i = 0; i < n; i++) {
                float x = a.getAtIndex(JAVA_FLOAT, aFrom + i);
                sum = switch (term) {
                    case VALUE -> sum + x;
                    case ABSOLUTE -> sum + Math.abs(x);
                    case SQUARE -> Math.fma(x - s, x - s, sum);
                    case PRODUCT -> Math.fma(x, b.getAtIndex(JAVA_FLOAT, bFrom + i), sum);
                };
            }
            return sum;
        }

        static float max(MemorySegment a, long aFrom, int n) {
            long p = aFrom * BYTES;
            int step = 4 * LENGTH;
            FloatVector best0 = load(a, p, n - LENGTH);
            FloatVector best1 = best0;
            FloatVector best2 = best0;
            FloatVector best3 = best0;
            int i = 0;
            for (; i <= n - step; i += step) {
                best0 = best0.max(load(a, p, i));
                best1 = best1.max(load(a, p, i + LENGTH));
                best2 = best2.max(load(a, p, i + 2 * LENGTH));
                best3 = best3.max(load(a, p, i + 3 * LENGTH));
            }
            for (; i <= n - LENGTH; i += LENGTH) {
                best0 = best0.max(load(a, p, i));
            }
            return best0.max(best1).max(best2.max(best3)).reduceLanes(VectorOperators.MAX);
        }

        static float min(MemorySegment a, long aFrom, int n) {
            long p = aFrom * BYTES;
            int step = 4 * LENGTH;
            FloatVector best0 = load(a, p, n - LENGTH);
            FloatVector best1 = best0;
            FloatVector best2 = best0;
            FloatVector best3 = best0;
            int i = 0;
            for (; i <= n - step; i += step) {
                best0 = best0.min(load(a, p, i));
                best1 = best1.min(load(a, p, i + LENGTH));
                best2 = best2.min(load(a, p, i + 2 * LENGTH));
                best3 = best3.min(load(a, p, i + 3 * LENGTH));
            }
            for (; i <= n - LENGTH; i += LENGTH) {
                best0 = best0.min(load(a, p, i));
            }
            return best0.min(best1).min(best2.min(best3)).reduceLanes(VectorOperators.MIN);
        }

        private static FloatVector load(MemorySegment a, long p, int i) {
            return FloatVector.fromMemorySegment(SPECIES, a, p + i * BYTES, ORDER);
        }
    }
}
