package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;

/// Adds rows of float32 to a row of results, column by column. `x [w] → results [w]`
///
/// Four rows go in at a time, as `r + ((t0 + t1) + (t2 + t3))`; offsets count elements. Columns from the last multiple
/// of 16 on are scalar at every vector width, so that all widths give the same bits.
final class ColumnKernel {

    private ColumnKernel() {}

    /// One row: `results[j] = combine(results[j], term(x[j]))`, in float32.
    public static void reference(
            Pass pass, MemorySegment x, long p, MemorySegment results, MemorySegment shifts, int from, int w) {
        for (int j = from; j < w; j++) {
            float s = shifts.getAtIndex(JAVA_FLOAT, j);
            float r = results.getAtIndex(JAVA_FLOAT, j);
            results.setAtIndex(JAVA_FLOAT, j, combine(pass, r, term(pass, x.getAtIndex(JAVA_FLOAT, p + j), s)));
        }
    }

    /// One row.
    static void one(Pass pass, MemorySegment x, long p, MemorySegment results, MemorySegment shifts, int w) {
        int done = 0;
        if (Lanes.available()) {
            done = w & -16;
            Simd.one(pass, x, p, results, shifts, done);
        }
        reference(pass, x, p, results, shifts, done, w);
    }

    /// Four rows, beginning at `p0` to `p3`.
    static void four(
            Pass pass,
            MemorySegment x,
            long p0,
            long p1,
            long p2,
            long p3,
            MemorySegment results,
            MemorySegment shifts,
            int w) {
        int done = 0;
        if (Lanes.available()) {
            done = w & -16;
            switch (pass) {
                case SUM -> Simd.four(Pass.SUM, x, p0, p1, p2, p3, results, shifts, done);
                case ABSOLUTE -> Simd.four(Pass.ABSOLUTE, x, p0, p1, p2, p3, results, shifts, done);
                case SQUARES -> Simd.four(Pass.SQUARES, x, p0, p1, p2, p3, results, shifts, done);
                case EXPONENTIALS -> Simd.four(Pass.EXPONENTIALS, x, p0, p1, p2, p3, results, shifts, done);
                case PRODUCT -> Simd.four(Pass.PRODUCT, x, p0, p1, p2, p3, results, shifts, done);
                case MAX -> Simd.four(Pass.MAX, x, p0, p1, p2, p3, results, shifts, done);
                case MIN -> Simd.four(Pass.MIN, x, p0, p1, p2, p3, results, shifts, done);
            }
        }
        for (int j = done; j < w; j++) {
            float s = shifts.getAtIndex(JAVA_FLOAT, j);
            float t0 = term(pass, x.getAtIndex(JAVA_FLOAT, p0 + j), s);
            float t1 = term(pass, x.getAtIndex(JAVA_FLOAT, p1 + j), s);
            float t2 = term(pass, x.getAtIndex(JAVA_FLOAT, p2 + j), s);
            float t3 = term(pass, x.getAtIndex(JAVA_FLOAT, p3 + j), s);
            float sum = combine(pass, combine(pass, t0, t1), combine(pass, t2, t3));
            results.setAtIndex(JAVA_FLOAT, j, combine(pass, results.getAtIndex(JAVA_FLOAT, j), sum));
        }
    }

    private static float term(Pass pass, float x, float s) {
        return switch (pass) {
            case SUM, PRODUCT, MAX, MIN -> x;
            case ABSOLUTE -> Math.abs(x);
            case SQUARES -> (x - s) * (x - s);
            case EXPONENTIALS -> (float) Math.exp(x - s);
        };
    }

    private static float combine(Pass pass, float a, float b) {
        return switch (pass) {
            case SUM, ABSOLUTE, SQUARES, EXPONENTIALS -> a + b;
            case PRODUCT -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    private static final class Simd {

        private static final VectorSpecies<Float> SPECIES = Species.F32;
        private static final int LENGTH = SPECIES.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        /// `w` is a multiple of 16, as the callers see to. Called with a constant `pass`, which folds the
        /// branches.
        static void four(
                Pass pass,
                MemorySegment x,
                long p0,
                long p1,
                long p2,
                long p3,
                MemorySegment results,
                MemorySegment shifts,
                int w) {
            for (int j = 0; j < w; j += LENGTH) {
                FloatVector s = needsShift(pass) ? load(shifts, j) : FloatVector.zero(SPECIES);
                FloatVector low = combine(pass, term(pass, load(x, p0 + j), s), term(pass, load(x, p1 + j), s));
                FloatVector high = combine(pass, term(pass, load(x, p2 + j), s), term(pass, load(x, p3 + j), s));
                combine(pass, load(results, j), combine(pass, low, high)).intoMemorySegment(results, j * 4L, ORDER);
            }
        }

        static void one(Pass pass, MemorySegment x, long p, MemorySegment results, MemorySegment shifts, int w) {
            for (int j = 0; j < w; j += LENGTH) {
                combine(pass, load(results, j), term(pass, load(x, p + j), load(shifts, j)))
                        .intoMemorySegment(results, j * 4L, ORDER);
            }
        }

        private static boolean needsShift(Pass pass) {
            return pass == Pass.SQUARES || pass == Pass.EXPONENTIALS;
        }

        private static FloatVector load(MemorySegment from, long place) {
            return FloatVector.fromMemorySegment(SPECIES, from, place * 4, ORDER);
        }

        // Comparisons with constants, where a switch would go through a table that the compiler cannot fold.
        private static FloatVector term(Pass pass, FloatVector x, FloatVector s) {
            if (pass == Pass.ABSOLUTE) {
                return x.abs();
            }
            if (pass == Pass.SQUARES) {
                FloatVector deviation = x.sub(s);
                return deviation.mul(deviation);
            }
            if (pass == Pass.EXPONENTIALS) {
                return VectorMath.exp(x.sub(s));
            }
            return x;
        }

        private static FloatVector combine(Pass pass, FloatVector a, FloatVector b) {
            if (pass == Pass.MAX) {
                return a.max(b);
            }
            if (pass == Pass.MIN) {
                return a.min(b);
            }
            if (pass == Pass.PRODUCT) {
                return a.mul(b);
            }
            return a.add(b);
        }
    }
}
