package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// [AttentionKernel#reference] in float32 by blocks of scores that stay in the cache.
///
/// Each block of 128 queries runs over blocks of 256 keys: `S = Q·Kᵀ`, then with the running maximum `m` and sum `l` of
/// each row
///
/// ```text
/// m' = max(m, max_j S_j)    P_j = exp(S_j − m')    l ← l·exp(m − m') + Σ_j P_j    O ← O·exp(m − m') + P·V
/// ```
///
/// and in the end `O/l` and `log l + m` (Milakov, Gimelshein 2018, "Online normalizer calculation for softmax").
///
/// One piece of work is a key head with its query heads, or a share of their query blocks where heads are few. It keeps
/// the head's transposed keys in scratch.
final class AttentionForward {

    private static final int QUERIES = ScoreBlock.QUERIES;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    /// Pieces that are enough to keep the threads of a large machine busy.
    static final int PIECES = 16;

    private final Call call;
    private final Sizes z;
    private final int length;
    private final int depth;
    private final int width;
    private final MemorySegment m;
    private final KeyPanels keys;
    private final KeyPanels values;
    private final Matrix queries;
    private final Matrix scores;
    private final Matrix results;
    private final long hidden;
    private final long spare;
    private final ScoreBlock block;
    private final float[] max = new float[QUERIES];
    private final float[] sum = new float[QUERIES];

    private AttentionForward(Call call, MemorySegment m) {
        this.call = call;
        this.m = m;
        z = call.sizes();
        length = ScoreBlock.rowLength(z.s());
        depth = Blocks.padded(z.d());
        width = Blocks.padded(z.e());
        queries = Matrix.rows(m, 0, depth);
        results = Matrix.rows(m, queries.at(QUERIES, 0), width);
        scores = Matrix.rows(m, results.at(QUERIES, 0), length);
        spare = scores.at(QUERIES, 0);
        hidden = spare + length;
        long tile = hidden + Blocks.roundUp(z.s(), 16);
        long transposed = tile + Tile.SPARE;
        long valueRows = transposed + KeyPanels.transposedFloats(z.s(), z.d());
        long keyRows = valueRows + KeyPanels.rowFloats(z.s(), z.e());
        keys = new KeyPanels(Matrix.rows(m, keyRows, depth), transposed, z.d(), length);
        values = new KeyPanels(Matrix.rows(m, valueRows, width), 0, z.e(), length);
        block = new ScoreBlock(call, m, tile);
    }

    private static long floats(Sizes z) {
        int length = ScoreBlock.rowLength(z.s());
        return (long) QUERIES * (Blocks.padded(z.d()) + Blocks.padded(z.e()) + length)
                + length
                + Tile.SPARE
                + Blocks.roundUp(z.s(), 16)
                + KeyPanels.transposedFloats(z.s(), z.d())
                + KeyPanels.rowFloats(z.s(), z.e())
                + KeyPanels.rowFloats(z.s(), z.d());
    }

    /// See [org.lehr.kernels.AttentionKernels#forward].
    static void run(Call call) {
        Sizes z = call.sizes();
        long heads = z.b() * z.g();
        int perHead = (z.t() + QUERIES - 1) / QUERIES;
        long blocks = z.group() * perHead;
        if (heads == 0 || blocks == 0) {
            return;
        }
        long shares = Math.clamp((PIECES + heads - 1) / heads, 1L, blocks);
        Workers.current().forRange(heads * shares, 1, (from, to) -> {
            Storage scratch = Pool.host().allocate(4 * floats(z), "attention");
            try {
                AttentionForward piece = new AttentionForward(call, scratch.segment());
                for (long i = from; i < to; i++) {
                    long b = i / shares / z.g();
                    long g = i / shares % z.g();
                    piece.loadKeys(b, g);
                    for (long j = i % shares; j < blocks; j += shares) {
                        piece.queryBlock(b, g * z.group() + j / perHead, (int) (j % perHead) * QUERIES);
                    }
                }
            } finally {
                scratch.release();
            }
        });
    }

    private void loadKeys(long b, long g) {
        View keyPadding = call.mask().keyPadding();
        keys.load(call.k(), b, g, 0, z.s(), keyPadding);
        keys.transpose(0, z.s(), (float) call.mask().scale());
        values.load(call.v(), b, g, 0, z.s(), keyPadding);
        if (keyPadding != null) {
            KeyPanels.markHidden(m, hidden, keyPadding, b, z.s());
        }
    }

    private void queryBlock(long b, long h, int query) {
        int rows = Math.min(QUERIES, z.t() - query);
        Matrix q = Blocks.read(call.q(), b, h, query, rows, queries, true);
        Matrix result = Blocks.target(call.out(), b, h, query, rows, results);
        block.clear(query, rows, 0, z.s(), result, width);
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0);
        long bias = call.mask().bias() == null ? 0 : Rows.start(call.mask().bias(), b, h);
        int first = (int) call.reach().first(query) / ScoreBlock.KEYS * ScoreBlock.KEYS;
        int end = (int) call.reach().end(query + rows - 1);
        for (int key = first; key < end; key += ScoreBlock.KEYS) {
            block.place(query, rows, key, Math.min(ScoreBlock.KEYS, z.s() - key));
            block.products(q, keys.transposed(key), z.d(), scores);
            for (int r = 0; r < rows; r++) {
                if (!block.isEmpty(r / Tile.ROWS)) {
                    softmax(r, bias, key, result);
                }
            }
            block.timesRows(scores, values.rows(key), width, result, 0);
        }
        store(b, h, query, rows, result);
    }

    /// Replaces row `r` of the scores by its weights and rescales what the row has summed so far.
    private void softmax(int r, long bias, int key, Matrix result) {
        long row = scores.at(r, 0);
        long from = row + block.tileLow(r / Tile.ROWS);
        long to = row + block.tileHigh(r / Tile.ROWS);
        if (call.mask().softCap() > 0) {
            SoftmaxRows.cap(m, from, to, (float) call.mask().softCap());
        }
        block.mask(r, row, bias, hidden + key, spare);
        float before = max[r];
        float now = Math.max(before, SoftmaxRows.max(m, from, to));
        float added = SoftmaxRows.exp(m, from, to, now == Float.NEGATIVE_INFINITY ? 0 : now);
        if (now != before && before != Float.NEGATIVE_INFINITY) {
            float factor = (float) Math.exp(before - now);
            sum[r] *= factor;
            SoftmaxRows.scale(result.segment(), result.at(r, 0), result.at(r, width), factor);
        }
        max[r] = now;
        sum[r] += added;
    }

    private void store(long b, long h, int query, int rows, Matrix result) {
        View norm = call.logSumExp();
        SoftmaxRows.logSumExp(max, sum);
        for (int r = 0; r < rows; r++) {
            float factor = sum[r] == 0 ? 0 : 1 / sum[r];
            SoftmaxRows.scale(result.segment(), result.at(r, 0), result.at(r, width), factor);
            norm.storage()
                    .segment()
                    .setAtIndex(FLOAT, Rows.start(norm, b, h) + (query + r) * norm.strides()[2], max[r]);
        }
        Blocks.write(result, call.out(), b, h, query, rows);
    }
}
