package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.View;

/// One key head's keys or values in scratch, block by block: as rows, transposed, or both. Rows that padding hides are
/// zero, so that nothing of them reaches a result.
///
/// @param rows place of the rows, padded in both directions
/// @param transposed place of the first block's transpose; each block takes `width` rows, rounded up to a multiple of 4
/// @param length floats of a row
/// @param width floats of a row that hold data, and rows of a transpose
/// @param columns floats of a row of a transpose
record KeyPanels(MemorySegment m, long rows, long transposed, int length, int width, int columns) {

    /// Floats that the rows of `s` keys take.
    static long rowFloats(int s, int width) {
        return (long) Blocks.roundUp(s, 16) * Blocks.padded(width);
    }

    /// Floats that the transposes of `s` keys take.
    static long transposedFloats(int s, int width) {
        int blocks = (s + ScoreBlock.KEYS - 1) / ScoreBlock.KEYS;
        return blocks * transposedBlock(width, ScoreBlock.rowLength(s));
    }

    /// Place of the row of key `j`.
    long row(int j) {
        return rows + (long) j * length;
    }

    /// Place of the transpose of the block that begins with key `j`.
    long transposed(int j) {
        return transposed + j / ScoreBlock.KEYS * transposedBlock(width, columns);
    }

    private static long transposedBlock(int width, int columns) {
        return (long) Blocks.roundUp(width, 4) * columns;
    }

    /// Reads keys `[from, to)` of head `g` as rows; `from` begins a block.
    void load(View view, long b, long g, int from, int to, View keyPadding) {
        long start = Rows.start(view, b, g) + from * view.strides()[2];
        Blocks.load(
                view, start, view.strides()[2], to - from, width, m, row(from), length, Blocks.roundUp(to - from, 16));
        if (keyPadding != null) {
            for (int j = from; j < to; j++) {
                if (Rows.isHidden(keyPadding, b, j)) {
                    Blocks.zero(m, row(j), length);
                }
            }
        }
    }

    /// Transposes the rows `[from, to)`; `from` begins a block.
    void transpose(int from, int to) {
        for (int j = from; j < to; j += ScoreBlock.KEYS) {
            int keys = Blocks.roundUp(Math.min(ScoreBlock.KEYS, to - j), 16);
            Blocks.transpose(m, row(j), length, keys, width, transposed(j), columns);
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
