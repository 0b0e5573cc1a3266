package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// Reductions of floating dtypes, output by output: each one's inputs are cut into blocks of [Blocks#LENGTH], swept
/// over and combined pairwise in float64.
final class RowReduction {

    /// How many inputs make a piece of work.
    static final long GRAIN = 1 << 17;

    private final Formula formula;
    private final View out;
    private final ReductionLayout layout;
    private final Supplier<Blocks> source;

    RowReduction(Formula formula, View out, View in, ReductionLayout layout) {
        this(formula, out, layout, () -> Blocks.of(in, layout, formula.first() == Pass.PRODUCT));
    }

    /// A reduction of what `source` gives: for each thread blocks of its own.
    RowReduction(Formula formula, View out, ReductionLayout layout, Supplier<Blocks> source) {
        this.formula = formula;
        this.out = out;
        this.layout = layout;
        this.source = source;
    }

    void run() {
        if (layout.reduced() > Blocks.LENGTH) {
            runBlocked();
        } else {
            runWhole();
        }
    }

    /// Every output from one block.
    private void runWhole() {
        int n = (int) layout.reduced();
        MemorySegment target = out.storage().segment();
        Workers.current().forRange(layout.kept(), Math.max(1, GRAIN / Math.max(n, 1)), (from, to) -> {
            Walk read = layout.read();
            Walk written = layout.written();
            read.seek(from);
            written.seek(from);
            try (Blocks blocks = blocks()) {
                for (long i = from; i < to; i++) {
                    double value = n == 0 ? empty() : whole(blocks, read.offset(), n);
                    Elements.put(target, out.dtype(), out.offset() + written.offset(), value);
                    read.next();
                    written.next();
                }
            }
        });
    }

    private double empty() {
        double first = formula.first().identity();
        return formula.result(first, first, 0);
    }

    private double whole(Blocks blocks, long base, int n) {
        blocks.read(base, 0, n);
        double first = blocks.sweep(formula.first(), 0);
        double last =
                formula.second().isPresent() ? blocks.sweep(formula.second().get(), formula.shift(first, n)) : first;
        return formula.result(first, last, n);
    }

    /// Every output from the partial results of its blocks, sweep after sweep.
    private void runBlocked() {
        long n = layout.reduced();
        int rows = Math.toIntExact(layout.kept());
        double[] first = sweep(formula.first(), new double[rows]);
        double[] last = first;
        if (formula.second().isPresent()) {
            double[] shifts = new double[rows];
            Arrays.setAll(shifts, row -> formula.shift(first[row], n));
            last = sweep(formula.second().get(), shifts);
        }
        MemorySegment target = out.storage().segment();
        Walk written = layout.written();
        for (int row = 0; row < rows; row++) {
            Elements.put(
                    target, out.dtype(), out.offset() + written.offset(), formula.result(first[row], last[row], n));
            written.next();
        }
    }

    private double[] sweep(Pass pass, double[] shifts) {
        long n = layout.reduced();
        int perRow = Math.toIntExact((n + Blocks.LENGTH - 1) / Blocks.LENGTH);
        double[] partials = new double[Math.multiplyExact(shifts.length, perRow)];
        Workers.current().forRange(partials.length, GRAIN / Blocks.LENGTH, (from, to) -> {
            Walk read = layout.read();
            try (Blocks blocks = blocks()) {
                for (int i = (int) from; i < to; i++) {
                    int row = i / perRow;
                    long start = (long) (i % perRow) * Blocks.LENGTH;
                    read.seek(row);
                    blocks.read(read.offset(), start, (int) Math.min(Blocks.LENGTH, n - start));
                    partials[i] = blocks.sweep(pass, shifts[row]);
                }
            }
        });
        double[] results = new double[shifts.length];
        Arrays.setAll(results, row -> pass.combine(partials, row * perRow, perRow, 1));
        return results;
    }

    private Blocks blocks() {
        return source.get();
    }
}
