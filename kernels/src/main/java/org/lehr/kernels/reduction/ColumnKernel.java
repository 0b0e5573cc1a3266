package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;

/// Adds rows of float32 to a row of results, column by column. `x [w] → results [w]`
///
/// Rows go in one after the other, along memory: where several rows of one page of memory are read in turn, the
/// processor foresees none of them, and takes more than twice as long. Offsets count elements. Columns from the last
/// multiple
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

    /// `count` rows that begin `step` elements apart, one after the other.
    static void forward(
            Pass pass,
            MemorySegment x,
            long p,
            long step,
            int count,
            MemorySegment results,
            MemorySegment shifts,
            int w) {
        int done = 0;
        if (Lanes.available()) {
            done = w & -16;
            switch (pass) {
                case SUM -> Simd.rows(Pass.SUM, x, p, step, count, results, shifts, done);
                case ABSOLUTE -> Simd.rows(Pass.ABSOLUTE, x, p, step, count, results, shifts, done);
                case SQUARES -> Simd.rows(Pass.SQUARES, x, p, step, count, results, shifts, done);
                case EXPONENTIALS -> Simd.rows(Pass.EXPONENTIALS, x, p, step, count, results, shifts, done);
                case PRODUCT -> Simd.rows(Pass.PRODUCT, x, p, step, count, results, shifts, done);
                case MAX -> Simd.rows(Pass.MAX, x, p, step, count, results, shifts, done);
                case MIN -> Simd.rows(Pass.MIN, x, p, step, count, results, shifts, done);
            }
        }
        if (done < w) {
            for (int r = 0; r < count; r++) {
                reference(pass, x, p + r * step, results, shifts, done, w);
            }
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
        /// Elements of a page of memory.
        private static final int PAGE = 1024;

        /// `w` is a multiple of 16, as the callers see to. Called with a constant `pass`, which folds the
        /// branches.
        static void rows(
                Pass pass,
                MemorySegment from,
                long p,
                long step,
                int count,
                MemorySegment into,
                MemorySegment shifts,
                int w) {
            MemorySegment x = NativeMemory.of(from);
            MemorySegment results = NativeMemory.of(into);
            if (!needsShift(pass) && step == w) {
                dense(pass, x, p * 4, (p + count * step) * 4, results, w * 4L);
                return;
            }
            int r = 0;
            if (!needsShift(pass) && step >= PAGE && w >= PAGE) {
                for (; r + 4 <= count; r += 4) {
                    four(pass, x, (p + r * step) * 4, step * 4, results, w * 4L);
                }
            }
            for (; r < count; r++) {
                long row = (p + r * step) * 4;
                // In bytes and a long: the compiler would unroll an int, and read memory out of order.
                for (long j = 0; j < w * 4L; j += LENGTH * 4L) {
                    FloatVector s = needsShift(pass) ? load(shifts, j) : FloatVector.zero(SPECIES);
                    combine(pass, load(results, j), term(pass, load(x, row + j), s))
                            .intoMemorySegment(results, j, ORDER);
                }
            }
        }

        /// Rows that follow each other, read through in one loop: setting up a loop for each takes long beside
        /// a
        /// short row.
        private static void dense(Pass pass, MemorySegment from, long p, long end, MemorySegment into, long bytes) {
            MemorySegment x = NativeMemory.of(from);
            MemorySegment results = NativeMemory.of(into);
            FloatVector zero = FloatVector.zero(SPECIES);
            long j = 0;
            for (long i = p; i < end; i += LENGTH * 4L) {
                combine(pass, load(results, j), term(pass, load(x, i), zero)).intoMemorySegment(results, j, ORDER);
                j = j + LENGTH * 4L == bytes ? 0 : j + LENGTH * 4L;
            }
        }

        /// Four long rows at once, each in pages of its own, in the same order of additions: a quarter of the
        /// traffic
        /// between results and cache.
        private static void four(Pass pass, MemorySegment from, long p, long step, MemorySegment into, long bytes) {
            MemorySegment x = NativeMemory.of(from);
            MemorySegment results = NativeMemory.of(into);
            FloatVector zero = FloatVector.zero(SPECIES);
            for (long j = 0; j < bytes; j += LENGTH * 4L) {
                FloatVector r = combine(pass, load(results, j), term(pass, load(x, p + j), zero));
                r = combine(pass, r, term(pass, load(x, p + step + j), zero));
                r = combine(pass, r, term(pass, load(x, p + 2 * step + j), zero));
                combine(pass, r, term(pass, load(x, p + 3 * step + j), zero)).intoMemorySegment(results, j, ORDER);
            }
        }

        private static boolean needsShift(Pass pass) {
            return pass == Pass.SQUARES || pass == Pass.EXPONENTIALS;
        }

        private static FloatVector load(MemorySegment from, long place) {
            return FloatVector.fromMemorySegment(SPECIES, from, place, ORDER);
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
