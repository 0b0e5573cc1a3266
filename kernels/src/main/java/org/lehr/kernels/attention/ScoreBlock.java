package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Matrix;

/// One block of the score matrix: some queries against some keys, in strips of six queries. Each strip is computed
/// only where one of its queries sees a key, so that a causal mask halves the work and a window makes it linear.
///
/// The columns of a strip, counted from the block's first key, are `low ≤ j < high` for the keys that it sees, and
/// `tileLow ≤ j < tileHigh` for what is computed: whole vectors around them.
final class ScoreBlock {

    /// Queries of a block at most.
    static final int QUERIES = 128;

    /// Keys of a block at most: with 128 queries the scores take 128 KB, and the transposed keys of a usual head
    /// half
    /// as much.
    static final int KEYS = 256;

    private final Call call;
    private final MemorySegment m;
    private final Tile tile;
    private final int lanes = Tile.lanes();
    private final int most = Tile.mostVectors();
    private final int unit = Blocks.padded(1);
    private final int[] low = new int[(QUERIES + Tile.ROWS - 1) / Tile.ROWS];
    private final int[] high = new int[(QUERIES + Tile.ROWS - 1) / Tile.ROWS];
    private int query;
    private int queries;
    private int key;
    private int keys;

    /// @param m the scratch that all places below are in
    /// @param spare place of [Tile#SPARE] floats that may be overwritten
    ScoreBlock(Call call, MemorySegment m, long spare) {
        this.call = call;
        this.m = m;
        tile = Tile.of(m, spare);
    }

    /// Keys of a block for sequences of `s`, and the length of its rows in scratch.
    static int rowLength(int s) {
        return Blocks.skewed(Math.min(KEYS, s));
    }

    /// Moves to queries `query` and on, and keys `key` and on.
    void place(int query, int queries, int key, int keys) {
        this.query = query;
        this.queries = queries;
        this.key = key;
        this.keys = keys;
        for (int strip = 0; strip < strips(); strip++) {
            int last = Math.min(query + (strip + 1) * Tile.ROWS, query + queries) - 1;
            low[strip] = (int) Math.max(call.reach().first(query + strip * Tile.ROWS) - key, 0);
            high[strip] = (int) Math.min(call.reach().end(last) - key, keys);
        }
    }

    int strips() {
        return (queries + Tile.ROWS - 1) / Tile.ROWS;
    }

    boolean isEmpty(int strip) {
        return low[strip] >= high[strip];
    }

    int low(int strip) {
        return low[strip];
    }

    int high(int strip) {
        return high[strip];
    }

    int tileLow(int strip) {
        return low[strip] / unit * unit;
    }

    int tileHigh(int strip) {
        return Blocks.roundUp(high[strip], unit);
    }

    /// Clears the rows of `C [queries, width]` of strips that see none of the keys `[from, to)`: [#timesRows] never
    /// writes them.
    void clear(int query, int queries, int from, int to, Matrix c, int width) {
        for (int r = 0; r < queries; r += Tile.ROWS) {
            int last = Math.min(r + Tile.ROWS, queries) - 1;
            long low = Math.max(call.reach().first(query + r), from);
            if (low >= Math.min(call.reach().end(query + last), to)) {
                for (int i = r; i <= last; i++) {
                    Blocks.zero(c.segment(), c.at(i, 0), width);
                }
            }
        }
    }

    /// Clears the rows of `C [to − from, width]` of keys in `[from, to)` that no query sees, as
    /// [#transposedTimesRows] never writes them.
    void clearUnseen(int from, int to, Matrix c, int width) {
        for (int j = from; j < to; j += keysOfTile(j, to)) {
            int last = j + keysOfTile(j, to) - 1;
            if (call.reach().firstQuery(j) >= call.reach().endQuery(last)) {
                for (int i = j; i <= last; i++) {
                    Blocks.zero(c.segment(), c.at(i - from, 0), width);
                }
            }
        }
    }

    /// `to ← A·B` for the queries `A [queries, depth]` and transposed keys (or values) `B [depth, keys]`.
    void products(Matrix a, Matrix b, int depth, Matrix to) {
        for (int column = 0; column < keys; column += most * lanes) {
            for (int strip = 0; strip < strips(); strip++) {
                int from = Math.max(column, tileLow(strip));
                int vectors = (Math.min(column + most * lanes, tileHigh(strip)) - from) / lanes;
                if (vectors > 0 && !isEmpty(strip)) {
                    int row = strip * Tile.ROWS;
                    int count = Math.min(Tile.ROWS, queries - row);
                    Tile.write(a.from(row, 0), b.from(0, from), to.from(row, from), depth, count, vectors);
                }
            }
        }
    }

    /// `C += scores·B` for `B [keys, width]`, of padded width.
    ///
    /// @param origin the first key of all: strips that see no key between it and this block find their `C`
    /// unwritten
    void timesRows(Matrix scores, Matrix b, int width, Matrix c, int origin) {
        for (int column = 0; column < width; column += most * lanes) {
            int vectors = Math.min(most, (width - column) / lanes);
            for (int strip = 0; strip < strips(); strip++) {
                if (!isEmpty(strip)) {
                    int row = strip * Tile.ROWS;
                    Matrix left = scores.from(row, low[strip]);
                    Matrix right = b.from(low[strip], column);
                    Matrix place = c.from(row, column);
                    int count = high[strip] - low[strip];
                    int rows = Math.min(Tile.ROWS, queries - row);
                    if (Math.max(call.reach().first(query + row), origin) < key) {
                        tile.add(left, right, place, count, rows, vectors);
                    } else {
                        Tile.write(left, right, place, count, rows, vectors);
                    }
                }
            }
        }
    }

    /// `C += scoresᵀ·B` for `B [queries, width]`, of padded width, and `C [keys, width]`.
    ///
    /// @param fresh whether what is in `C` for keys that no earlier query of the head has seen is to be replaced
    void transposedTimesRows(Matrix scores, Matrix b, int width, Matrix c, boolean fresh) {
        for (int column = 0; column < width; column += most * lanes) {
            int vectors = Math.min(most, (width - column) / lanes);
            for (int j = 0; j < keys; j += keysOfTile(j, keys)) {
                int last = j + keysOfTile(j, keys) - 1;
                long begin = call.reach().firstQuery(key + j);
                int from = (int) Math.max(begin - query, 0);
                int to = (int) Math.min(call.reach().endQuery(key + last) - query, queries);
                if (from < to) {
                    Matrix left = scores.from(from, j).transposed();
                    Matrix right = b.from(from, column);
                    Matrix place = c.from(j, column);
                    int rows = last - j + 1;
                    if (fresh && begin >= query) {
                        Tile.write(left, right, place, to - from, rows, vectors);
                    } else {
                        tile.add(left, right, place, to - from, rows, vectors);
                    }
                }
            }
        }
    }

    /// Rows of the tile that begins with key `j` and ends before `end`. As strips are computed for whole vectors of
    /// keys, a tile's keys are of one vector: then each query that sees one of them has scores of 0 for the others.
    private int keysOfTile(int j, int end) {
        int rest = unit - j % unit;
        return Math.min(Math.ceilDiv(rest, Math.ceilDiv(rest, Tile.ROWS)), end - j);
    }

    /// Adds the bias to row `r` of the scores, which begins at `row`, and hides what the query does not see.
    ///
    /// @param head place of the bias of this batch and head
    /// @param hidden place of 1 for keys that padding hides, from the block's first key on
    /// @param spare place of a row that may be overwritten
    void mask(int r, long row, long head, long hidden, long spare) {
        int strip = r / Tile.ROWS;
        int from = tileLow(strip);
        int to = tileHigh(strip);
        View bias = call.mask().bias();
        if (bias != null) {
            loadBias(bias, head + (query + r) * bias.strides()[2], from, to, spare);
            SoftmaxRows.add(m, row + from, row + to, spare + from);
        }
        if (call.mask().keyPadding() != null) {
            SoftmaxRows.hide(m, row + from, row + to, hidden + from);
        }
        int first = Math.clamp(call.reach().first(query + r) - key, from, to);
        int end = Math.clamp(Math.min(call.reach().end(query + r) - key, keys), first, to);
        SoftmaxRows.keep(m, row, from, to, first, end);
    }

    private void loadBias(View bias, long start, int from, int to, long spare) {
        long step = bias.strides()[3];
        int end = Math.min(to, keys);
        if (step == 1 && bias.dtype() == DType.FLOAT32) {
            MemorySegment.copy(
                    bias.storage().segment(), 4 * (start + key + from), m, 4 * (spare + from), 4L * (end - from));
        } else {
            for (int j = from; j < end; j++) {
                m.setAtIndex(ValueLayout.JAVA_FLOAT, spare + j, (float) Rows.get(bias, start + (key + j) * step));
            }
        }
        Blocks.zero(m, spare + end, to - end);
    }
}
