package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Matrix;

/// One key head's keys or values, block by block: as rows, in scratch or where they stand, and transposed in scratch.
/// Rows that padding hides are zero, so that nothing of them reaches a result.
final class KeyPanels {

    private final MemorySegment m;
    private final Matrix scratch;
    private final long transposed;
    private final int width;
    private final int columns;
    private Matrix rows;
    private int first;

    /// @param scratch room for the rows, padded in both directions
    /// @param transposed place of the first block's transpose; each block takes `width` rows, rounded up to a
    ///     multiple of 4
    /// @param width floats of a row that hold data, and rows of a transpose
    /// @param columns floats of a row of a transpose
    KeyPanels(Matrix scratch, long transposed, int width, int columns) {
        this.m = scratch.segment();
        this.scratch = scratch;
        this.transposed = transposed;
        this.width = width;
        this.columns = columns;
    }

    /// Floats that the rows of `s` keys take.
    static long rowFloats(int s, int width) {
        return (long) Blocks.roundUp(s, 16) * Blocks.padded(width);
    }

    /// Floats that the transposes of `s` keys take.
    static long transposedFloats(int s, int width) {
        int blocks = (s + ScoreBlock.KEYS - 1) / ScoreBlock.KEYS;
        return blocks * transposedBlock(width, ScoreBlock.rowLength(s));
    }

    /// The rows from key `j` on.
    Matrix rows(int j) {
        return rows.from(j - first, 0);
    }

    /// The transpose of the block that begins with key `j`.
    Matrix transposed(int j) {
        return Matrix.rows(m, transposed + j / ScoreBlock.KEYS * transposedBlock(width, columns), columns);
    }

    private static long transposedBlock(int width, int columns) {
        return (long) Blocks.roundUp(width, 4) * columns;
    }

    /// Takes keys `[from, to)` of head `g`; `from` begins a block.
    void load(View view, long b, long g, int from, int to, View keyPadding) {
        first = from;
        rows = Blocks.read(view, b, g, from, to - from, scratch, keyPadding == null);
        if (keyPadding != null) {
            for (int j = from; j < to; j++) {
                if (Rows.isHidden(keyPadding, b, j)) {
                    Blocks.zero(m, rows.at(j - first, 0), rows.rowStride());
                }
            }
        }
    }

    /// Transposes the rows `[from, to)`, times `factor`; `from` begins a block.
    void transpose(int from, int to, float factor) {
        for (int j = from; j < to; j += ScoreBlock.KEYS) {
            int keys = Blocks.roundUp(Math.min(ScoreBlock.KEYS, to - j), 16);
            Blocks.transpose(rows(j), keys, width, factor, transposed(j));
        }
    }

    /// Writes 1 for the keys in `[0, s)` that padding hides and 0 for others, up to a whole number of lines.
    static void markHidden(MemorySegment m, long to, View keyPadding, long b, int s) {
        Blocks.zero(m, to, Blocks.roundUp(s, 16));
        for (int j = 0; j < s; j++) {
            if (Rows.isHidden(keyPadding, b, j)) {
                m.setAtIndex(ValueLayout.JAVA_FLOAT, to + j, 1f);
            }
        }
    }
}
