package org.lehr.kernels.matmul;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.MatmulKernels.Epilogue;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.parallel.Workers;

/// Products of groups of rows with a matrix each: `c[o[g]..o[g + 1]] = a[o[g]..o[g + 1]] · b[g]`.
///
/// All blocks of all groups are one range, so that a large group keeps all threads busy and many small ones do too.
/// A block packs what it needs of its right matrix by itself: which group reuses how much of it is known only when it
/// runs.
public final class GroupedMatmulKernel {

    /// Blocks that the work is cut into at least, where it is large enough.
    private static final long PIECES = 48;

    private GroupedMatmulKernel() {}

    /// The definition. `a [rows, k], b [g, k, n], o [g + 1] → c [rows, n]`
    public static void reference(View c, View a, View b, View offsets, boolean accumulate) {
        long[] starts = starts(offsets, a);
        for (int g = 0; g < starts.length - 1; g++) {
            View rows = rows(a, starts, g);
            MatmulKernel.reference(rows(c, starts, g), rows, part(b, g), accumulate, Epilogue.NONE);
        }
    }

    /// The definition of [#gradient]. `a [rows, k], b [rows, n], o [g + 1] → c [g, k, n]`
    public static void referenceGradient(View c, View a, View b, View offsets, boolean accumulate) {
        long[] starts = starts(offsets, a);
        for (int g = 0; g < starts.length - 1; g++) {
            View rows = new Stack(rows(a, starts, g)).transposed().view();
            MatmulKernel.reference(part(c, g), rows, rows(b, starts, g), accumulate, Epilogue.NONE);
        }
    }

    /// As [#reference], with sums in the dtype of `c` (float32 for bfloat16). The last stride of `c` is 1.
    public static void forward(View c, View a, View b, View offsets, boolean accumulate) {
        check("grouped matmul", c, new long[] {size(a, 0), size(b, 2)}, a, b);
        check("grouped matmul", b, new long[] {size(offsets, 0) - 1, size(a, 1), size(b, 2)}, a, b);
        long[] starts = starts(offsets, a);
        try (Widened left = Widened.read(a);
                Widened right = Widened.read(b);
                Widened result = accumulate ? Widened.update(c) : Widened.write(c)) {
            products(new Stack(result.view()), new Stack(left.view()), new Stack(right.view()), starts, accumulate);
        }
    }

    /// As [#referenceGradient], with sums in the dtype of `c` (float32 for bfloat16). The last stride of `c` is 1.
    public static void gradient(View c, View a, View b, View offsets, boolean accumulate) {
        check("grouped gradient", c, new long[] {size(offsets, 0) - 1, size(a, 1), size(b, 1)}, a, b);
        check("grouped gradient", b, new long[] {size(a, 0), size(b, 1)}, a, b);
        long[] starts = starts(offsets, a);
        try (Widened left = Widened.read(a);
                Widened right = Widened.read(b);
                Widened result = accumulate ? Widened.update(c) : Widened.write(c)) {
            gradients(new Stack(result.view()), new Stack(left.view()), new Stack(right.view()), starts, accumulate);
        }
    }

    private static void products(Stack c, Stack a, Stack b, long[] starts, boolean accumulate) {
        Tiles tiles = Tiles.of(c.view().dtype());
        int groups = starts.length - 1;
        long[] blocks = new long[groups + 1];
        for (int g = 0; g < groups; g++) {
            blocks[g + 1] = blocks[g] + Math.ceilDiv(starts[g + 1] - starts[g], (long) Scratch.ROWS);
        }
        long columns = columns(tiles, c.columns(), blocks[groups]);
        long across = Math.ceilDiv(c.columns(), columns);
        Matrix left = a.matrix(0);
        Matrix result = c.matrix(0);
        Workers.current().forRange(blocks[groups] * across, 1, (from, to) -> {
            for (long piece = from; piece < to; piece++) {
                long block = piece / across;
                int group = group(blocks, block);
                long i = starts[group] + (block - blocks[group]) * Scratch.ROWS;
                long j = piece % across * columns;
                int height = (int) Math.min(Scratch.ROWS, starts[group + 1] - i);
                long width = Math.min(columns, c.columns() - j);
                Output out = Output.of(result.from(i, j), 1, accumulate);
                Matrix right = b.matrix(group).from(0, j);
                new BlockProduct(tiles, height, width, left.from(i, 0), right, null, out).run(a.columns());
            }
        });
    }

    private static void gradients(Stack c, Stack a, Stack b, long[] starts, boolean accumulate) {
        Tiles tiles = Tiles.of(c.view().dtype());
        long down = Math.ceilDiv(c.rows(), (long) Scratch.ROWS);
        long blocks = down * (starts.length - 1);
        long columns = columns(tiles, c.columns(), blocks);
        long across = Math.ceilDiv(c.columns(), columns);
        Matrix left = a.matrix(0).transposed();
        Matrix right = b.matrix(0);
        Workers.current().forRange(blocks * across, 1, (from, to) -> {
            for (long piece = from; piece < to; piece++) {
                int group = (int) (piece / across / down);
                long i = piece / across % down * Scratch.ROWS;
                long j = piece % across * columns;
                int height = (int) Math.min(Scratch.ROWS, c.rows() - i);
                long width = Math.min(columns, c.columns() - j);
                Output out = Output.of(c.matrix(group).from(i, j), 1, accumulate);
                Matrix rows = left.from(i, starts[group]);
                new BlockProduct(tiles, height, width, rows, right.from(starts[group], j), null, out)
                        .run(starts[group + 1] - starts[group]);
            }
        });
    }

    private static long columns(Tiles tiles, long n, long blocksOfRows) {
        long panels = Math.max(1, Math.ceilDiv(n, (long) tiles.columns()));
        long blocks = Math.clamp(Math.ceilDiv(PIECES, Math.max(1, blocksOfRows)), 1, panels);
        return Math.ceilDiv(panels, blocks) * tiles.columns();
    }

    /// The group that block number `block` belongs to, where group `g` begins at block `begins[g]`.
    private static int group(long[] begins, long block) {
        int group = 0;
        while (begins[group + 1] <= block) {
            group++;
        }
        return group;
    }

    private static View rows(View view, long[] starts, int g) {
        return new View(
                view.storage(),
                view.dtype(),
                view.offset() + starts[g] * view.strides()[0],
                new long[] {starts[g + 1] - starts[g], view.shape()[1]},
                view.strides());
    }

    private static View part(View view, int g) {
        Stack stack = new Stack(view);
        return new View(
                view.storage(), view.dtype(), stack.offset(g), new long[] {stack.rows(), stack.columns()}, new long[] {
                    stack.rowStride(), stack.columnStride()
                });
    }

    private static long[] starts(View offsets, View rows) {
        if (offsets.dtype() != DType.INT64 || offsets.rank() != 1 || offsets.size() < 1) {
            throw new IllegalArgumentException("grouped matmul: offsets must be INT64 [groups + 1], got " + offsets);
        }
        long[] starts = new long[(int) offsets.size()];
        for (int g = 0; g < starts.length; g++) {
            long place = offsets.offset() + g * offsets.strides()[0];
            starts[g] = offsets.storage().segment().getAtIndex(ValueLayout.JAVA_LONG, place);
        }
        long last = 0;
        for (long start : starts) {
            if (start < last) {
                throw new IllegalArgumentException(
                        "grouped matmul: offsets must ascend, got " + Arrays.toString(starts));
            }
            last = start;
        }
        if (starts[0] != 0 || last != size(rows, 0)) {
            throw new IllegalArgumentException(
                    "grouped matmul: offsets must go from 0 to " + size(rows, 0) + ", got " + Arrays.toString(starts));
        }
        return starts;
    }

    private static void check(String what, View view, long[] shape, View a, View b) {
        boolean written = view.rank() == shape.length && Arrays.equals(view.shape(), shape);
        if (!written) {
            throw new IllegalArgumentException(what + ": expected " + Arrays.toString(shape) + " for "
                    + Arrays.toString(a.shape()) + " and " + Arrays.toString(b.shape()) + ", got "
                    + Arrays.toString(view.shape()));
        }
    }

    private static long size(View view, int dimension) {
        if (dimension >= view.rank()) {
            throw new IllegalArgumentException("grouped matmul: too few dimensions in " + view);
        }
        return view.shape()[dimension];
    }
}
