package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// One query against keys and values that stand in pages, read once and where they are: with the running maximum and
/// sum of [AttentionForward], a block of keys at a time. One piece of work is a key head with its query heads. May only
/// be touched where vectors are available; [PagedKernel] is the path of float64 and other machines.
final class PagedAttention {

    private static final int KEYS = ScoreBlock.KEYS;

    /// Multiplications that a piece of work should have at least.
    private static final long GRAIN = 1 << 15;

    private final PagedCall call;
    private final int group;
    private final int depth;
    private final int width;
    private final MemorySegment m;
    private final Matrix queries;
    private final Matrix scores;
    private final Matrix results;
    private final Matrix keyRows;
    private final Matrix valueRows;
    private final long spare;
    private final Tile tile;
    private final float[] max;
    private final float[] sum;

    private PagedAttention(PagedCall call, MemorySegment m) {
        this.call = call;
        this.m = m;
        Sizes z = call.sizes();
        group = (int) z.group();
        depth = Blocks.padded(z.d());
        width = Blocks.padded(z.e());
        queries = Matrix.rows(m, 0, depth);
        scores = Matrix.rows(m, queries.at(group, 0), KEYS);
        results = Matrix.rows(m, scores.at(group, 0), width);
        keyRows = Matrix.rows(m, results.at(group, 0), depth);
        valueRows = Matrix.rows(m, keyRows.at(KEYS, 0), width);
        spare = valueRows.at(KEYS, 0);
        tile = Tile.of(m, spare + KEYS);
        max = new float[group];
        sum = new float[group];
    }

    private static long floats(Sizes z) {
        long row = Blocks.padded(z.d()) + Blocks.padded(z.e());
        return z.group() * (row + KEYS) + KEYS * row + KEYS + Tile.SPARE;
    }

    /// See [org.lehr.kernels.AttentionKernels#forwardPages].
    static void run(PagedCall call) {
        Sizes z = call.sizes();
        long work = Math.max(1, z.group() * (z.s() - call.first()) * (z.d() + z.e()));
        Workers.current().forRange(z.b() * z.g(), Math.max(1, GRAIN / work), (from, to) -> {
            Storage scratch = Pool.host().allocate(4 * floats(z), "attention over pages");
            try {
                PagedAttention piece = new PagedAttention(call, scratch.segment());
                for (long i = from; i < to; i++) {
                    piece.keyHead(i / z.g(), i % z.g());
                }
            } finally {
                scratch.release();
            }
        });
    }

    private void keyHead(long b, long g) {
        for (int r = 0; r < group; r++) {
            Blocks.read(call.q(), b, g * group + r, 0, 1, queries.from(r, 0), false);
            SoftmaxRows.scale(m, queries.at(r, 0), queries.at(r, depth), (float)
                    call.mask().scale());
        }
        Blocks.zero(m, results.offset(), (long) group * width);
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0);
        long place = 0;
        for (int page = 0; page < call.keys().size(); page++) {
            View keys = call.keys().get(page);
            View values = call.values().get(page);
            int count = (int) keys.shape()[2];
            for (int from = Math.clamp(call.first() - place, 0, count); from < count; from += KEYS) {
                int block = Math.min(KEYS, count - from);
                Matrix k = Blocks.read(keys, b, g, from, block, keyRows, true);
                Matrix v = Blocks.read(values, b, g, from, block, valueRows, true);
                block(b, g, k, v, place + from, block);
            }
            place += count;
        }
        for (int r = 0; r < group; r++) {
            long row = results.at(r, 0);
            SoftmaxRows.scale(m, row, row + width, sum[r] == 0 ? 0 : 1 / sum[r]);
            Blocks.storeRow(m, row, call.sizes().e(), call.out(), Rows.start(call.out(), b, g * group + r));
        }
    }

    /// Takes in `count` keys, of which the first stands at `place` of the sequence.
    private void block(long b, long g, Matrix k, Matrix v, long place, int count) {
        for (int r = 0; r < group; r++) {
            long row = scores.at(r, 0);
            SoftmaxRows.dots(queries.from(r, 0), k, count, depth, scores.from(r, 0));
            softmax(r, row, row + Blocks.padded(count), b, g, place, count);
        }
        int most = Tile.mostVectors() * Tile.lanes();
        for (int r = 0; r < group; r += Tile.ROWS) {
            int rows = Math.min(Tile.ROWS, group - r);
            for (int column = 0; column < width; column += most) {
                int vectors = Math.min(most, width - column) / Tile.lanes();
                tile.add(scores.from(r, 0), v.from(0, column), results.from(r, column), count, rows, vectors);
            }
        }
    }

    private void softmax(int r, long from, long to, long b, long g, long place, int count) {
        if (call.mask().softCap() > 0) {
            SoftmaxRows.cap(m, from, to, (float) call.mask().softCap());
        }
        View bias = call.mask().bias();
        if (bias != null) {
            long start = Rows.start(bias, b, g * group + r) + place * bias.strides()[3];
            for (int j = 0; j < count; j++) {
                m.setAtIndex(ValueLayout.JAVA_FLOAT, spare + j, (float) Rows.get(bias, start + j * bias.strides()[3]));
            }
            Blocks.zero(m, spare + count, to - from - count);
            SoftmaxRows.add(m, from, to, spare);
        }
        SoftmaxRows.keep(m, from, 0, (int) (to - from), 0, count);
        float now = Math.max(max[r], SoftmaxRows.max(m, from, to));
        float added = SoftmaxRows.exp(m, from, to, now == Float.NEGATIVE_INFINITY ? 0 : now);
        if (now != max[r] && max[r] != Float.NEGATIVE_INFINITY) {
            float factor = (float) Math.exp(max[r] - now);
            sum[r] *= factor;
            SoftmaxRows.scale(m, results.at(r, 0), results.at(r, width), factor);
        }
        max[r] = now;
        sum[r] += added;
    }
}
