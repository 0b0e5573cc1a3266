package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Reductions of floating dtypes whose outputs stand side by side, for instance down the columns of a matrix.
///
/// The work is cut into chunks of columns and bands of rows, by sizes alone. Within a band 64 rows are added in
/// float32, then carried on in float64; bands are combined pairwise. float64 and products are float64 throughout.
final class ColumnReduction {

    /// Fewer columns are reduced one by one.
    static final long LEAST_COLUMNS = 16;

    private static final int WIDEST_CHUNK = 4096;
    private static final int ROWS_IN_FLOAT32 = 64;
    private static final long ELEMENTS_PER_BAND = 1 << 19;

    private final Formula formula;
    private final View out;
    private final View in;
    private final ReductionLayout layout;
    private final MemorySegment source;
    private final MemorySegment target;
    private final long columns;
    private final long rows;
    private final long groups;
    private final long chunks;
    private final long band;
    private final int bands;
    private final long[] groupShape;
    private final boolean inFloat64;

    ColumnReduction(Formula formula, View out, View in, ReductionLayout layout) {
        this.formula = formula;
        this.out = out;
        this.in = in;
        this.layout = layout;
        source = in.storage().segment();
        target = out.storage().segment();
        columns = layout.columns();
        rows = layout.reduced();
        groups = layout.kept() / columns;
        groupShape = Arrays.copyOf(layout.keptShape(), layout.keptShape().length - 1);
        inFloat64 = in.dtype() == DType.FLOAT64 || formula.first() == Pass.PRODUCT;
        // Chunks end at multiples of 16, so the widest is up to 15 wider than an equal share.
        chunks = (columns + WIDEST_CHUNK - 17) / (WIDEST_CHUNK - 16);
        band = Math.max(ROWS_IN_FLOAT32, ELEMENTS_PER_BAND / Math.min(columns, WIDEST_CHUNK) & -ROWS_IN_FLOAT32);
        bands = Math.toIntExact((rows + band - 1) / band);
    }

    void run() {
        if (rows <= ROWS_IN_FLOAT32 && !inFloat64 && out.dtype() == DType.FLOAT32 && formula.isPlain()) {
            sweepFewRows();
            return;
        }
        if (bands == 1 && formula.second().isEmpty()) {
            sweep(formula.first(), null, null);
            return;
        }
        int outputs = Math.toIntExact(groups * columns);
        double[] first = swept(formula.first(), null);
        double[] last = first;
        if (formula.second().isPresent()) {
            double[] shifts = new double[outputs];
            Arrays.setAll(shifts, i -> formula.shift(first[i], rows));
            last = swept(formula.second().get(), shifts);
        }
        double[] finished = last;
        Walk written = layout.written();
        for (int i = 0; i < outputs; i++) {
            put(written.offset(), formula.result(first[i], finished[i], rows));
            written.next();
        }
    }

    /// One sweep whose float32 results are final: they form in place where the output is dense.
    private void sweepFewRows() {
        long grain = Math.max(1, ELEMENTS_PER_BAND / 16 / (Math.min(columns, WIDEST_CHUNK) * rows));
        Workers.current().forRange(groups * chunks, grain, (from, to) -> {
            try (Chunk chunk = new Chunk()) {
                for (long i = from; i < to; i++) {
                    chunk.sweepFewRows(i / chunks, i % chunks);
                }
            }
        });
    }

    /// The results of one sweep for all outputs.
    private double[] swept(Pass pass, double[] shifts) {
        int outputs = Math.toIntExact(groups * columns);
        double[] partials = new double[Math.multiplyExact(outputs, bands)];
        sweep(pass, shifts, partials);
        if (bands == 1) {
            return partials;
        }
        pass.combineRows(partials, 0, bands, outputs);
        return Arrays.copyOf(partials, outputs);
    }

    /// Sweeps over everything; the results go to `partials [bands, groups, columns]`, or to the output when it is
    /// null.
    private void sweep(Pass pass, double[] shifts, double[] partials) {
        long elements = Math.min(columns, WIDEST_CHUNK) * Math.min(rows, band);
        long grain = Math.max(1, ELEMENTS_PER_BAND / 16 / elements);
        Workers.current().forRange(groups * chunks * bands, grain, (from, to) -> {
            try (Chunk chunk = new Chunk()) {
                for (long i = from; i < to; i++) {
                    long group = i / chunks % groups;
                    chunk.sweep(pass, group, i % chunks, i / chunks / groups, shifts);
                    if (partials == null) {
                        chunk.finish(group);
                    } else {
                        long place = (i / chunks / groups * groups + group) * columns + chunk.start;
                        System.arraycopy(chunk.totals, 0, partials, Math.toIntExact(place), chunk.width);
                    }
                }
            }
        });
    }

    private void put(long place, double value) {
        Elements.put(target, out.dtype(), out.offset() + place, value);
    }

    /// One thread's scratch memory: results in float32 and what to subtract, and a widened row of bfloat16.
    private final class Chunk implements AutoCloseable {

        private final int widest = (int) Math.min(columns, WIDEST_CHUNK);
        private final long buffer = widest * 4L;
        private final Storage scratch = Pool.host().allocate(3 * buffer, "reduction columns");
        private final MemorySegment results = scratch.segment().asSlice(0, buffer);
        private final MemorySegment subtracted = scratch.segment().asSlice(buffer, buffer);
        private final MemorySegment widened = scratch.segment().asSlice(2 * buffer, buffer);
        private final double[] totals = new double[widest];
        private final double[] values = new double[widest];
        private final double[] shift = new double[widest];
        private final Walk groupIn = new Walk(groupShape, layout.keptIn());
        private final Walk written = layout.written();
        private final Walk row = layout.walk();
        private long start;
        private int width;

        /// Sets out for a chunk of columns; returns where its first row begins, before any reduced dimension.
        private long begin(long group, long chunk) {
            start = bound(chunk);
            width = (int) (bound(chunk + 1) - start);
            groupIn.seek(group);
            return in.offset() + groupIn.offset() + start;
        }

        void sweepFewRows(long group, long chunk) {
            long base = begin(group, chunk);
            takeShifts(group, null);
            row.seek(0);
            written.seek(group * columns + start);
            long place = out.offset() + written.offset();
            boolean inPlace = written.step() == 1 && written.run() >= width;
            MemorySegment into = inPlace ? target.asSlice(place * 4, width * 4L) : results;
            sweepInFloat32(formula.first(), base, (int) rows, into);
            if (!inPlace) {
                Elements.widen(results, DType.FLOAT32, 0, 1, totals, 0, width);
                write();
            }
        }

        void sweep(Pass pass, long group, long chunk, long bandNumber, double[] shifts) {
            long base = begin(group, chunk);
            takeShifts(group, shifts);
            Arrays.fill(totals, 0, width, pass.identity());
            long from = bandNumber * band;
            long to = Math.min(rows, from + band);
            row.seek(from);
            if (inFloat64) {
                sweepInFloat64(pass, base, to - from);
                return;
            }
            for (long r = from; r < to; r += ROWS_IN_FLOAT32) {
                sweepInFloat32(pass, base, (int) Math.min(ROWS_IN_FLOAT32, to - r), results);
                Elements.widen(results, DType.FLOAT32, 0, 1, values, 0, width);
                DoubleColumns.add(pass.join(), values, totals, values, width);
            }
            if (pass == Pass.SQUARES && shifts != null) {
                // Σ(x − s)² with s rounded exceeds the sum about the mean by its distance squared, for each row.
                for (int j = 0; j < width; j++) {
                    double excess = shift[j] - (float) shift[j];
                    totals[j] -= (to - from) * excess * excess;
                }
            }
        }

        /// Writes what was swept over as final results.
        void finish(long group) {
            for (int j = 0; j < width; j++) {
                totals[j] = formula.result(totals[j], totals[j], rows);
            }
            written.seek(group * columns + start);
            write();
        }

        private void write() {
            for (int done = 0; done < width; ) {
                int run = (int) Math.min(width - done, written.run());
                long place = out.offset() + written.offset();
                Elements.narrow(totals, done, run, target, out.dtype(), place, written.step());
                written.advance(run);
                done += run;
            }
        }

        private void sweepInFloat64(Pass pass, long base, long count) {
            for (long r = 0; r < count; r++) {
                Elements.widen(source, in.dtype(), nextRow(base), 1, values, 0, width);
                DoubleColumns.add(pass, values, totals, shift, width);
            }
        }

        private void sweepInFloat32(Pass pass, long base, int count, MemorySegment into) {
            Arrays.fill(values, 0, width, pass.identity());
            Elements.narrow(values, 0, width, into, DType.FLOAT32, 0, 1);
            for (int r = 0; r < count; ) {
                int run = (int) Math.min(count - r, row.run());
                long p = base + row.offset();
                if (in.dtype() == DType.FLOAT32) {
                    ColumnKernel.forward(pass, source, p, row.step(), run, into, subtracted, width);
                } else {
                    for (int i = 0; i < run; i++) {
                        Bfloat16Kernel.widen(source, (p + i * row.step()) * 2, widened, 0, width);
                        ColumnKernel.forward(pass, widened, 0, 0, 1, into, subtracted, width);
                    }
                }
                row.advance(run);
                r += run;
            }
        }

        private long nextRow(long base) {
            long place = base + row.offset();
            row.next();
            return place;
        }

        private void takeShifts(long group, double[] shifts) {
            if (shifts != null) {
                System.arraycopy(shifts, Math.toIntExact(group * columns + start), shift, 0, width);
            }
            Elements.narrow(shift, 0, width, subtracted, DType.FLOAT32, 0, 1);
        }

        /// Where a chunk begins: chunks are equally wide, up to a multiple of 16.
        private long bound(long chunk) {
            return chunk == chunks ? columns : columns * chunk / chunks & -16;
        }

        @Override
        public void close() {
            scratch.release();
        }
    }
}
