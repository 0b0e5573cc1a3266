package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// [AttentionKernel#referenceBackward] in float32 by blocks of scores that stay in the cache: each block of weights is
/// formed again from `logSumExp`, then `dP = dO·Vᵀ`, `dS`, `dV += Pᵀ·dO`, `dK += dSᵀ·Q` and `dQ += dS·K`.
///
/// One piece of work is a key head with its query heads; it owns `dK` and `dV`. Where heads are few, it is a share of
/// their key blocks: then each share forms its own part of `dQ`, and the parts are added in the order of the shares.
final class AttentionBackward {

    private static final int QUERIES = ScoreBlock.QUERIES;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private final Call call;
    private final Gradients gradients;
    private final Sizes z;
    private final int length;
    private final int depth;
    private final int width;
    private final MemorySegment m;
    private final KeyPanels keys;
    private final KeyPanels values;
    private final long keyGradient;
    private final long valueGradient;
    private final long queries;
    private final long queryGradient;
    private final long outs;
    private final long outGradient;
    private final long scores;
    private final long scoreGradient;
    private final long hidden;
    private final long spare;
    private final ScoreBlock block;
    private final float[] norm = new float[QUERIES];
    private final float[] mean = new float[QUERIES];

    private AttentionBackward(Call call, Gradients gradients, MemorySegment m) {
        this.call = call;
        this.gradients = gradients;
        this.m = m;
        z = call.sizes();
        length = ScoreBlock.rowLength(z.s());
        depth = Blocks.padded(z.d());
        width = Blocks.padded(z.e());
        queries = 0;
        queryGradient = queries + (long) QUERIES * depth;
        outs = queryGradient + (long) QUERIES * depth;
        outGradient = outs + (long) QUERIES * width;
        scores = outGradient + (long) QUERIES * width;
        scoreGradient = scores + (long) QUERIES * length;
        spare = scoreGradient + (long) QUERIES * length;
        hidden = spare + length;
        long tile = hidden + Blocks.roundUp(z.s(), 16);
        long keyRows = tile + Tile.SPARE;
        keyGradient = keyRows + KeyPanels.rowFloats(z.s(), z.d());
        valueGradient = keyGradient + KeyPanels.rowFloats(z.s(), z.d());
        long valueRows = valueGradient + KeyPanels.rowFloats(z.s(), z.e());
        long transposedKeys = valueRows + KeyPanels.rowFloats(z.s(), z.e());
        long transposedValues = transposedKeys + KeyPanels.transposedFloats(z.s(), z.d());
        keys = new KeyPanels(m, keyRows, transposedKeys, depth, z.d(), length);
        values = new KeyPanels(m, valueRows, transposedValues, width, z.e(), length);
        block = new ScoreBlock(call, m, tile);
    }

    private static long floats(Sizes z) {
        int length = ScoreBlock.rowLength(z.s());
        return (long) 2 * QUERIES * (Blocks.padded(z.d()) + Blocks.padded(z.e()) + length)
                + length
                + Tile.SPARE
                + Blocks.roundUp(z.s(), 16)
                + 2 * KeyPanels.rowFloats(z.s(), z.d())
                + 2 * KeyPanels.rowFloats(z.s(), z.e())
                + KeyPanels.transposedFloats(z.s(), z.d())
                + KeyPanels.transposedFloats(z.s(), z.e());
    }

    /// See [org.lehr.kernels.AttentionKernels#backward].
    static void run(Call call, Gradients gradients) {
        Sizes z = call.sizes();
        long heads = z.b() * z.g();
        int blocks = Math.max(1, (z.s() + ScoreBlock.KEYS - 1) / ScoreBlock.KEYS);
        if (heads == 0) {
            return;
        }
        int shares = (int) Math.clamp((AttentionForward.PIECES + heads - 1) / heads, 1L, blocks);
        QueryGradientParts parts = shares == 1 ? null : QueryGradientParts.allocate(z, shares);
        try {
            Workers.current().forRange(heads * shares, 1, (from, to) -> {
                Storage scratch = Pool.host().allocate(4 * floats(z), "attention backward");
                try {
                    AttentionBackward piece = new AttentionBackward(call, gradients, scratch.segment());
                    for (long i = from; i < to; i++) {
                        int share = (int) (i % shares);
                        int first = (int) ((long) blocks * share / shares) * ScoreBlock.KEYS;
                        int end = (int) Math.min(z.s(), (long) blocks * (share + 1) / shares * ScoreBlock.KEYS);
                        piece.keyHead(i / shares / z.g(), i / shares % z.g(), first, end, parts, share);
                    }
                } finally {
                    scratch.release();
                }
            });
            if (parts != null) {
                parts.combine(gradients.dq(), (float) call.mask().scale());
            }
        } finally {
            if (parts != null) {
                parts.release();
            }
        }
    }

    /// Keys `[from, to)` of one key head against all queries of its query heads.
    private void keyHead(long b, long g, int from, int to, QueryGradientParts parts, int share) {
        View keyPadding = call.mask().keyPadding();
        keys.load(call.k(), b, g, from, to, keyPadding);
        keys.transpose(from, to);
        values.load(call.v(), b, g, from, to, keyPadding);
        values.transpose(from, to);
        if (keyPadding != null) {
            KeyPanels.markHidden(m, hidden, keyPadding, b, z.s());
        }
        Blocks.zero(m, keyGradient + (long) from * depth, (long) Blocks.roundUp(to - from, 16) * depth);
        Blocks.zero(m, valueGradient + (long) from * width, (long) Blocks.roundUp(to - from, 16) * width);
        for (long h = g * z.group(); h < (g + 1) * z.group(); h++) {
            for (int query = 0; query < z.t(); query += QUERIES) {
                int rows = Math.min(QUERIES, z.t() - query);
                queryBlock(b, h, query, rows, from, to);
                if (parts == null) {
                    SoftmaxRows.scale(m, queryGradient, queryGradient + (long) rows * depth, (float)
                            call.mask().scale());
                    store(gradients.dq(), b, h, query, rows, queryGradient, depth, z.d());
                } else {
                    parts.store(m, queryGradient, share, b * z.h() + h, query, rows);
                }
            }
        }
        store(gradients.dk(), b, g, from, to - from, keyGradient + (long) from * depth, depth, z.d());
        store(gradients.dv(), b, g, from, to - from, valueGradient + (long) from * width, width, z.e());
    }

    private void queryBlock(long b, long h, int query, int rows, int from, int to) {
        loadQueries(b, h, query, rows);
        View dBias = gradients.dBias();
        long bias = call.mask().bias() == null ? 0 : Rows.start(call.mask().bias(), b, h);
        if (dBias != null) {
            Blocks.zero(m, spare, length);
            for (int r = 0; r < rows; r++) {
                for (int key = from; key < to; key += ScoreBlock.KEYS) {
                    Blocks.storeRow(
                            m, spare, Math.min(ScoreBlock.KEYS, to - key), dBias, biasPlace(b, h, query + r, key));
                }
            }
        }
        int first = Math.max(from, (int) call.reach().first(query) / ScoreBlock.KEYS * ScoreBlock.KEYS);
        int end = Math.min(to, (int) call.reach().end(query + rows - 1));
        for (int key = first; key < end; key += ScoreBlock.KEYS) {
            block.place(query, rows, key, Math.min(ScoreBlock.KEYS, z.s() - key));
            block.products(queries, depth, keys.transposed(key), length, z.d(), scores, length);
            block.products(outGradient, width, values.transposed(key), length, z.e(), scoreGradient, length);
            for (int r = 0; r < rows; r++) {
                int strip = r / Tile.ROWS;
                if (!block.isEmpty(strip)) {
                    long row = scores + (long) r * length;
                    block.mask(r, row, bias, hidden + key, spare);
                    long rowFrom = row + block.tileLow(strip);
                    long rowTo = row + block.tileHigh(strip);
                    SoftmaxRows.exp(m, rowFrom, rowTo, norm[r]);
                    SoftmaxRows.gradient(m, rowFrom, rowTo, scoreGradient - scores, mean[r]);
                    if (dBias != null) {
                        int low = block.low(strip);
                        Blocks.storeRow(
                                m,
                                scoreGradient + (long) r * length + low,
                                block.high(strip) - low,
                                dBias,
                                biasPlace(b, h, query + r, key + low));
                    }
                }
            }
            block.transposedTimesRows(scores, length, outGradient, width, valueGradient + (long) key * width);
            block.transposedTimesRows(scoreGradient, length, queries, depth, keyGradient + (long) key * depth);
            block.timesRows(scoreGradient, length, keys.row(key), depth, queryGradient, from);
        }
    }

    private long biasPlace(long b, long h, int query, int key) {
        View dBias = gradients.dBias();
        return Rows.start(dBias, b, h) + query * dBias.strides()[2] + key;
    }

    /// Queries (scaled), outputs and their gradients of a block, with `D = rowsum(dO∘O)`; clears the block's `dQ`.
    private void loadQueries(long b, long h, int query, int rows) {
        int paddedRows = Blocks.roundUp(rows, Tile.ROWS);
        load(call.q(), b, h, query, rows, queries, depth, z.d());
        SoftmaxRows.scale(
                m, queries, queries + (long) rows * depth, (float) call.mask().scale());
        load(call.out(), b, h, query, rows, outs, width, z.e());
        load(gradients.dOut(), b, h, query, rows, outGradient, width, z.e());
        Blocks.zero(m, queryGradient, (long) paddedRows * depth);
        View logSumExp = call.logSumExp();
        MemorySegment norms = logSumExp.storage().segment();
        for (int r = 0; r < rows; r++) {
            long row = outGradient + (long) r * width;
            mean[r] = SoftmaxRows.dot(m, row, row + width, outs + (long) r * width);
            float x = norms.getAtIndex(
                    FLOAT, Rows.start(logSumExp, b, h) + (query + r) * logSumExp.strides()[2]);
            // A query that sees nothing: its scores of −∞ give weights of 0 with +∞, of NaN with −∞.
            norm[r] = x == Float.NEGATIVE_INFINITY ? Float.POSITIVE_INFINITY : x;
        }
    }

    private void load(View view, long b, long h, int query, int rows, long to, int rowLength, int columns) {
        long step = view.strides()[2];
        Blocks.load(
                view,
                Rows.start(view, b, h) + query * step,
                step,
                rows,
                columns,
                m,
                to,
                rowLength,
                Blocks.roundUp(rows, Tile.ROWS));
    }

    private void store(View view, long b, long h, int first, int rows, long from, int rowLength, int columns) {
        long start = Rows.start(view, b, h);
        for (int r = 0; r < rows; r++) {
            Blocks.storeRow(m, from + (long) r * rowLength, columns, view, start + (first + r) * view.strides()[2]);
        }
    }
}
