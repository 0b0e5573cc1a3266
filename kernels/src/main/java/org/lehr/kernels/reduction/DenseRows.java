package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.parallel.Workers;

/// Reductions of dense float32 rows that follow each other, `[rows, n] → [rows]`, with nothing between the sums over
/// rows: finding where a row stands takes longer than to add 64 numbers.
final class DenseRows {

    private DenseRows() {}

    /// Whether the inputs and outputs stand so, and a row is one block of [BlockKernel].
    static boolean fit(Formula formula, View out, View in, ReductionLayout layout) {
        long n = layout.reduced();
        boolean rows = n > 0
                && n <= Blocks.LENGTH
                && layout.reducedShape().length <= 1
                && layout.reducedIsDense()
                && layout.keptShape().length == 1
                && layout.keptIn()[0] == n
                && layout.outShape().length == 1
                && layout.outStrides()[0] == 1;
        boolean known = switch (formula.reduction()) {
            case SUM, MEAN, MAX, MIN, SUM_SQUARES -> true;
            default -> false;
        };
        return rows && known && in.dtype() == DType.FLOAT32 && out.dtype() == DType.FLOAT32 && Lanes.available();
    }

    /// The reduction of what [#fit]s.
    static void run(Formula formula, View out, View in, ReductionLayout layout) {
        int n = (int) layout.reduced();
        Workers.current()
                .forRange(
                        layout.kept(),
                        Math.max(1, RowReduction.GRAIN / n),
                        (from, to) -> forward(formula, out, in, n, from, to));
    }

    /// Rows `[from, to)`; as [RowReduction] would, row by row.
    private static void forward(Formula formula, View out, View in, int n, long from, long to) {
        MemorySegment target = NativeMemory.of(out.storage().segment());
        MemorySegment source = NativeMemory.of(in.storage().segment());
        long place = out.offset();
        long start = in.offset();
        switch (formula.reduction()) {
            case SUM -> sums(target, place, source, start, n, from, to, 1);
            case MEAN -> sums(target, place, source, start, n, from, to, n);
            case MAX -> {
                for (long row = from; row < to; row++) {
                    target.setAtIndex(JAVA_FLOAT, place + row, BlockKernel.max(source, start + row * n, n));
                }
            }
            case MIN -> {
                for (long row = from; row < to; row++) {
                    target.setAtIndex(JAVA_FLOAT, place + row, BlockKernel.min(source, start + row * n, n));
                }
            }
            case SUM_SQUARES -> {
                for (long row = from; row < to; row++) {
                    double sum = BlockKernel.sumSquares(source, start + row * n, n, 0);
                    target.setAtIndex(JAVA_FLOAT, place + row, (float) sum);
                }
            }
            default -> throw new IllegalArgumentException("dense rows: no loop for " + formula.reduction());
        }
    }

    private static void sums(
            MemorySegment target,
            long place,
            MemorySegment source,
            long start,
            int n,
            long from,
            long to,
            double divisor) {
        boolean wide = Simd.LENGTH == 16 && n >= 16;
        for (long row = from; row < to; row++) {
            double sum =
                    wide ? Simd.sum(source, (start + row * n) * 4, n) : BlockKernel.sum(source, start + row * n, n);
            target.setAtIndex(JAVA_FLOAT, place + row, (float) (sum / divisor));
        }
    }

    private static final class Simd {
        private static final VectorSpecies<Float> SPECIES = Species.F32;
        private static final int LENGTH = SPECIES.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final FloatVector LANE = FloatVector.zero(SPECIES).addIndex(1);
        private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(SPECIES, 8, 1, true);
        private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
        private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(SPECIES, 2, 1, true);
        private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(SPECIES, 1, 1, true);

        /// [BlockKernel#sum] for 16 lanes, in the same order, spelled out so that no vector leaves the method.
        /// The
        /// loop counts bytes in a long, which the compiler does not unroll: what it unrolls reads memory out of
        /// order,
        /// at little more than half the speed.
        static float sum(MemorySegment rows, long p, int n) {
            MemorySegment x = NativeMemory.of(rows);
            FloatVector a = FloatVector.zero(SPECIES);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            long i = p;
            for (long end = p + (n & -64) * 4L; i < end; i += 256) {
                a = a.add(FloatVector.fromMemorySegment(SPECIES, x, i, ORDER));
                b = b.add(FloatVector.fromMemorySegment(SPECIES, x, i + 64, ORDER));
                c = c.add(FloatVector.fromMemorySegment(SPECIES, x, i + 128, ORDER));
                d = d.add(FloatVector.fromMemorySegment(SPECIES, x, i + 192, ORDER));
            }
            a = a.add(c).add(b.add(d));
            for (long end = p + (n & -16) * 4L; i < end; i += 64) {
                a = a.add(FloatVector.fromMemorySegment(SPECIES, x, i, ORDER));
            }
            int left = n & 15;
            if (left > 0) {
                FloatVector last = FloatVector.fromMemorySegment(SPECIES, x, p + (n - 16) * 4L, ORDER);
                a = a.add(last.blend(0f, LANE.compare(VectorOperators.LT, (float) (16 - left))));
            }
            a = a.add(a.rearrange(BY_8));
            a = a.add(a.rearrange(BY_4));
            a = a.add(a.rearrange(BY_2));
            return a.add(a.rearrange(BY_1)).lane(0);
        }
    }
}
