package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Matrix;
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
    private final Matrix keyGradients;
    private final Matrix valueGradients;
    private final Matrix queries;
    private final Matrix queryGradients;
    private final Matrix outs;
    private final Matrix outGradients;
    private final Matrix scores;
    private final Matrix scoreGradients;
    private final long hidden;
    private final long spare;
    private final long slopes;
    private final float scale;
    private final float softCap;
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
        scale = (float) call.mask().scale();
        softCap = (float) call.mask().softCap();
        queries = Matrix.rows(m, 0, depth);
        queryGradients = Matrix.rows(m, queries.at(QUERIES, 0), depth);
        outs = Matrix.rows(m, queryGradients.at(QUERIES, 0), width);
        outGradients = Matrix.rows(m, outs.at(QUERIES, 0), width);
        scores = Matrix.rows(m, outGradients.at(QUERIES, 0), length);
        scoreGradients = Matrix.rows(m, scores.at(QUERIES, 0), length);
        spare = scoreGradients.at(QUERIES, 0);
        slopes = spare + length;
        hidden = slopes + length;
        long tile = hidden + Blocks.roundUp(z.s(), 16);
        long keyRows = tile + Tile.SPARE;
        long keyGradient = keyRows + KeyPanels.rowFloats(z.s(), z.d());
        long valueGradient = keyGradient + KeyPanels.rowFloats(z.s(), z.d());
        long valueRows = valueGradient + KeyPanels.rowFloats(z.s(), z.e());
        long transposedKeys = valueRows + KeyPanels.rowFloats(z.s(), z.e());
        long transposedValues = transposedKeys + KeyPanels.transposedFloats(z.s(), z.d());
        keyGradients = Matrix.rows(m, keyGradient, depth);
        valueGradients = Matrix.rows(m, valueGradient, width);
        keys = new KeyPanels(Matrix.rows(m, keyRows, depth), transposedKeys, z.d(), length);
        values = new KeyPanels(Matrix.rows(m, valueRows, width), transposedValues, z.e(), length);
        block = new ScoreBlock(call, m, tile);
    }

    private static long floats(Sizes z) {
        int length = ScoreBlock.rowLength(z.s());
        return (long) 2 * QUERIES * (Blocks.padded(z.d()) + Blocks.padded(z.e()) + length)
                + 2 * length
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
                parts.combine(gradients.dq());
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
        keys.transpose(from, to, scale);
        values.load(call.v(), b, g, from, to, keyPadding);
        values.transpose(from, to, 1);
        if (keyPadding != null) {
            KeyPanels.markHidden(m, hidden, keyPadding, b, z.s());
        }
        Matrix keyGradient = Blocks.target(gradients.dk(), b, g, from, to - from, keyGradients);
        Matrix valueGradient = Blocks.target(gradients.dv(), b, g, from, to - from, valueGradients);
        block.clearUnseen(from, to, keyGradient, depth);
        block.clearUnseen(from, to, valueGradient, width);
        for (long h = g * z.group(); h < (g + 1) * z.group(); h++) {
            boolean fresh = h == g * z.group();
            for (int query = 0; query < z.t(); query += QUERIES) {
                int rows = Math.min(QUERIES, z.t() - query);
                Matrix dq = parts == null
                        ? Blocks.target(gradients.dq(), b, h, query, rows, queryGradients)
                        : queryGradients;
                queryBlock(b, h, query, rows, new Keys(from, to, keyGradient, valueGradient, fresh), dq);
                if (parts == null) {
                    Blocks.write(dq, gradients.dq(), b, h, query, rows);
                } else {
                    parts.store(dq, share, b * z.h() + h, query, rows);
                }
            }
        }
        Blocks.write(keyGradient, gradients.dk(), b, g, from, to - from);
        Blocks.write(valueGradient, gradients.dv(), b, g, from, to - from);
    }

    /// What a block of queries is held against.
    ///
    /// @param fresh whether the gradients hold nothing yet for keys that no earlier query has seen
    private record Keys(int from, int to, Matrix keyGradient, Matrix valueGradient, boolean fresh) {}

    private void queryBlock(long b, long h, int query, int rows, Keys seen, Matrix queryGradient) {
        int from = seen.from;
        int to = seen.to;
        Matrix q = Blocks.read(call.q(), b, h, query, rows, queries, true);
        Matrix dOut = Blocks.read(gradients.dOut(), b, h, query, rows, outGradients, true);
        loadMeans(b, h, query, rows, dOut);
        block.clear(query, rows, from, to, queryGradient, depth);
        View dBias = gradients.dBias();
        long bias = call.mask().bias() == null ? 0 : Rows.start(call.mask().bias(), b, h);
        if (dBias != null) {
            clearBias(b, h, query, rows, from, to);
        }
        boolean atOnce = dBias == null && softCap == 0;
        int first = Math.max(from, (int) call.reach().first(query) / ScoreBlock.KEYS * ScoreBlock.KEYS);
        int end = Math.min(to, (int) call.reach().end(query + rows - 1));
        for (int key = first; key < end; key += ScoreBlock.KEYS) {
            block.place(query, rows, key, Math.min(ScoreBlock.KEYS, z.s() - key));
            block.products(q, keys.transposed(key), z.d(), scores);
            block.products(dOut, values.transposed(key), z.e(), scoreGradients);
            for (int r = 0; r < rows; r++) {
                int strip = r / Tile.ROWS;
                if (!block.isEmpty(strip)) {
                    int low = block.low(strip);
                    weights(r, bias, key, atOnce ? scale : 1);
                    if (dBias != null) {
                        Blocks.storeRow(
                                m,
                                scoreGradients.at(r, low),
                                block.high(strip) - low,
                                dBias,
                                biasPlace(b, h, query + r, key + low));
                    }
                    if (!atOnce) {
                        throughScores(r);
                    }
                }
            }
            int place = key - from;
            block.transposedTimesRows(scores, dOut, width, seen.valueGradient.from(place, 0), seen.fresh);
            block.transposedTimesRows(scoreGradients, q, depth, seen.keyGradient.from(place, 0), seen.fresh);
            block.timesRows(scoreGradients, keys.rows(key), depth, queryGradient, from);
        }
    }

    /// Replaces row `r` of the scores by its weights, and of `dP` by `factor·dS`.
    private void weights(int r, long bias, int key, float factor) {
        long row = scores.at(r, 0);
        long from = row + block.tileLow(r / Tile.ROWS);
        long to = row + block.tileHigh(r / Tile.ROWS);
        if (softCap > 0) {
            SoftmaxRows.cap(m, from, to, softCap);
            SoftmaxRows.slopes(m, from, to, slopes + from - row, softCap, scale);
        }
        block.mask(r, row, bias, hidden + key, spare);
        SoftmaxRows.exp(m, from, to, norm[r]);
        SoftmaxRows.gradient(m, from, to, scoreGradients.offset() - scores.offset(), mean[r], factor);
    }

    /// Takes row `r` of `dS` on to the dot products.
    private void throughScores(int r) {
        int low = block.tileLow(r / Tile.ROWS);
        long from = scoreGradients.at(r, low);
        long to = scoreGradients.at(r, block.tileHigh(r / Tile.ROWS));
        if (softCap > 0) {
            SoftmaxRows.multiply(m, from, to, slopes + low);
        } else {
            SoftmaxRows.scale(m, from, to, scale);
        }
    }

    private void clearBias(long b, long h, int query, int rows, int from, int to) {
        Blocks.zero(m, spare, length);
        for (int r = 0; r < rows; r++) {
            for (int key = from; key < to; key += ScoreBlock.KEYS) {
                int count = Math.min(ScoreBlock.KEYS, to - key);
                Blocks.storeRow(m, spare, count, gradients.dBias(), biasPlace(b, h, query + r, key));
            }
        }
    }

    private long biasPlace(long b, long h, int query, int key) {
        View dBias = gradients.dBias();
        return Rows.start(dBias, b, h) + query * dBias.strides()[2] + key;
    }

    /// `D = rowsum(dO∘O)` and the norms of a block's queries.
    private void loadMeans(long b, long h, int query, int rows, Matrix dOut) {
        Matrix out = Blocks.read(call.out(), b, h, query, rows, outs, true);
        View logSumExp = call.logSumExp();
        MemorySegment norms = logSumExp.storage().segment();
        for (int r = 0; r < rows; r++) {
            mean[r] = SoftmaxRows.dot(dOut, out, r, width);
            float x = norms.getAtIndex(
                    FLOAT, Rows.start(logSumExp, b, h) + (query + r) * logSumExp.strides()[2]);
            // A query that sees nothing: its scores of −∞ give weights of 0 with +∞, of NaN with −∞.
            norm[r] = x == Float.NEGATIVE_INFINITY ? Float.POSITIVE_INFINITY : x;
        }
    }
}
