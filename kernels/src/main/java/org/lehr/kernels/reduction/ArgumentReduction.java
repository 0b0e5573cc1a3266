package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// Where the largest or smallest value along a dimension stands: the first of equal ones, the first NaN before all.
final class ArgumentReduction {

    private static final long GRAIN = 32768;

    private final boolean largest;
    private final View out;
    private final View in;
    private final ReductionLayout layout;
    private final long n;

    ArgumentReduction(boolean largest, View out, View in, int dimension) {
        this.largest = largest;
        this.out = out;
        this.in = in;
        layout = ReductionLayout.of(out, in, dimension);
        n = layout.reduced();
    }

    void run() {
        MemorySegment target = out.storage().segment();
        Workers.current().forRange(layout.kept(), Math.max(1, GRAIN / n), (from, to) -> {
            Walk read = layout.read();
            Walk written = layout.written();
            read.seek(from);
            written.seek(from);
            try (Blocks blocks = in.dtype().isFloating() ? Blocks.of(in, layout, false) : null) {
                for (long i = from; i < to; i++) {
                    long place = blocks == null ? ofIntegers(read.offset()) : ofFloating(blocks, read.offset());
                    Elements.put(target, out.dtype(), out.offset() + written.offset(), place);
                    read.next();
                    written.next();
                }
            }
        });
    }

    private long ofFloating(Blocks blocks, long base) {
        Pass pass = largest ? Pass.MAX : Pass.MIN;
        double best = pass.identity();
        long place = 0;
        for (long start = 0; start < n; start += Blocks.LENGTH) {
            blocks.read(base, start, (int) Math.min(Blocks.LENGTH, n - start));
            double value = blocks.sweep(pass, 0);
            if (Double.isNaN(value)) {
                return start + blocks.find(value);
            }
            if (largest ? value > best : value < best) {
                best = value;
                place = start + blocks.find(value);
            }
        }
        return place;
    }

    private long ofIntegers(long base) {
        long[] block = new long[(int) Math.min(n, Blocks.LENGTH)];
        long step = layout.reducedIn().length == 0 ? 1 : layout.reducedIn()[0];
        long best = 0;
        long place = -1;
        for (long start = 0; start < n; start += block.length) {
            int count = (int) Math.min(block.length, n - start);
            long first = in.offset() + base + start * step;
            Elements.widen(in.storage().segment(), in.dtype(), first, step, block, 0, count);
            for (int i = 0; i < count; i++) {
                if (place < 0 || (largest ? block[i] > best : block[i] < best)) {
                    best = block[i];
                    place = start + i;
                }
            }
        }
        return place;
    }
}
