package org.lehr.kernels.indexing;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.memory.Touched;
import org.lehr.kernels.parallel.Workers;

/// `table[r, :] = Σ values[i, :]` over the `i` with `indices[i] = r`, in the order of `i`; rows without one
/// are zero.
/// `values [m, n], indices [m] → table [rows, n]`, dense. float32, float64, int64, int32.
///
/// A table of a whole vocabulary is much larger than what a batch reaches. Where its storage knows which rows
/// are not zero, only those are cleared, and of them only those that are not written anyway; a row's first
/// value is stored and not added. The indices have been checked.
final class RowSumKernel {

    /// Threads take rows by the rest of their numbers by this.
    private static final int OWNERS = 16;

    private static final long PIECE_BYTES = 1 << 18;

    private static final byte WANTED = 1;
    private static final byte WRITTEN = 2;

    private final DType dtype;
    private final MemorySegment table;
    private final long width;
    private final MemorySegment values;
    private final byte[] marks;

    private RowSumKernel(View table, MemorySegment values) {
        this.dtype = table.dtype();
        this.table = segment(table);
        this.width = table.shape()[1];
        this.values = values;
        this.marks = new byte[Math.toIntExact(table.shape()[0])];
    }

    static void run(View table, Indices indices, MemorySegment values) {
        RowSumKernel kernel = new RowSumKernel(table, values);
        Storage storage = table.storage();
        Touched touched = storage.touched();
        long rowBytes = kernel.width * table.dtype().bytes();
        boolean whole = table.offset() == 0 && storage.byteSize() == kernel.table.byteSize() && rowBytes > 0;
        boolean known = whole && touched != null && fits(touched, rowBytes);
        if (!known) {
            clear(table);
        }
        int[][] old = known ? owned(touched.rows(), kernel.marks.length) : new int[OWNERS][0];
        long[] rows = new long[Math.toIntExact(indices.count())];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = indices.at(i);
            kernel.marks[(int) rows[i]] = WANTED;
        }
        int[][] positions = positions(rows);
        Workers.current().forRange(OWNERS, 1, (from, to) -> {
            for (int owner = (int) from; owner < to; owner++) {
                kernel.clear(old[owner]);
                kernel.sum(positions[owner], rows);
            }
        });
        if (whole) {
            storage.cleared();
            storage.touched(rowBytes, rows);
        }
    }

    /// Makes all of a dense view zero.
    static void clear(View view) {
        MemorySegment all = segment(view);
        Workers.current()
                .forRange(
                        all.byteSize(),
                        PIECE_BYTES,
                        (from, to) -> all.asSlice(from, to - from).fill((byte) 0));
    }

    private static MemorySegment segment(View view) {
        long bytes = view.size() * view.dtype().bytes();
        return view.storage().segment().asSlice(view.byteOffset(), bytes);
    }

    private static boolean fits(Touched touched, long rowBytes) {
        return touched.rows().length == 0 || touched.rowBytes() == rowBytes;
    }

    /// Those of `rows` that the table has, by owner.
    private static int[][] owned(long[] rows, int limit) {
        int[] counts = new int[OWNERS];
        for (long row : rows) {
            counts[(int) (row % OWNERS)] += row < limit ? 1 : 0;
        }
        int[][] owned = arrays(counts);
        for (long row : rows) {
            int owner = (int) (row % OWNERS);
            if (row < limit) {
                owned[owner][owned[owner].length - counts[owner]--] = (int) row;
            }
        }
        return owned;
    }

    /// Positions in `rows`, ascending, by the rows' owners.
    private static int[][] positions(long... rows) {
        int[] counts = new int[OWNERS];
        for (long row : rows) {
            counts[(int) (row % OWNERS)]++;
        }
        int[][] positions = arrays(counts);
        for (int i = 0; i < rows.length; i++) {
            int owner = (int) (rows[i] % OWNERS);
            positions[owner][positions[owner].length - counts[owner]--] = i;
        }
        return positions;
    }

    private static int[][] arrays(int... lengths) {
        int[][] arrays = new int[lengths.length][];
        for (int i = 0; i < lengths.length; i++) {
            arrays[i] = new int[lengths[i]];
        }
        return arrays;
    }

    private void clear(int... rows) {
        long bytes = width * dtype.bytes();
        for (int row : rows) {
            if (marks[row] == 0) {
                marks[row] = WRITTEN;
                table.asSlice(row * bytes, bytes).fill((byte) 0);
            }
        }
    }

    private void sum(int[] positions, long... rows) {
        for (int i : positions) {
            int row = (int) rows[i];
            if (marks[row] == WANTED) {
                marks[row] = WRITTEN;
                Addition.store(dtype, table, row * width, values, i * width, width);
            } else {
                Addition.add(dtype, table, row * width, values, i * width, width);
            }
        }
    }
}
