package org.lehr.kernels.matmul;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.MatmulKernels.Epilogue;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Products of groups of rows with a matrix each: `c[o[g]..o[g + 1]] = a[o[g]..o[g + 1]] · b[g]`.
///
/// All blocks of all groups are one range, so that a large group keeps all threads busy and many small ones do too.
/// The right matrix of a group that has several blocks of rows is packed once for all of them.
public final class GroupedMatmulKernel {

    /// Blocks that the work is cut into at least, where it is large enough.
    private static final long PIECES = 48;

    /// Bytes of packed matrices beyond which a block packs for itself.
    private static final long MOST_PACKED = 1L << 28;

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
        Matrix left = a.matrix(0);
        Matrix result = c.matrix(0);
        List<Part> parts = new ArrayList<>();
        for (int g = 0; g < starts.length - 1; g++) {
            long rows = starts[g + 1] - starts[g];
            parts.add(new Part(rows, a.columns(), left.from(starts[g], 0), b.matrix(g), result.from(starts[g], 0)));
        }
        new Parts(Tiles.of(c.view().dtype()), c.columns(), accumulate, parts).run();
    }

    private static void gradients(Stack c, Stack a, Stack b, long[] starts, boolean accumulate) {
        Matrix left = a.matrix(0).transposed();
        Matrix right = b.matrix(0);
        List<Part> parts = new ArrayList<>();
        for (int g = 0; g < starts.length - 1; g++) {
            long depth = starts[g + 1] - starts[g];
            parts.add(new Part(c.rows(), depth, left.from(0, starts[g]), right.from(starts[g], 0), c.matrix(g)));
        }
        new Parts(Tiles.of(c.view().dtype()), c.columns(), accumulate, parts).run();
    }

    /// The product of one group. `left [rows, depth] · right [depth, n] → result [rows, n]`
    private record Part(long rows, long depth, Matrix left, Matrix right, Matrix result) {
        long blocks() {
            return Math.ceilDiv(rows, (long) Scratch.ROWS);
        }

        /// Rows of a block: as even as whole tiles allow.
        long height(Tiles tiles) {
            return Math.ceilDiv(Math.ceilDiv(rows, tiles.rows()), Math.max(1, blocks())) * tiles.rows();
        }
    }

    /// The products of all groups, with results of `n` columns.
    private record Parts(Tiles tiles, long n, boolean accumulate, List<Part> parts) {
        void run() {
            long[] begins = new long[parts.size() + 1];
            for (int g = 0; g < parts.size(); g++) {
                begins[g + 1] = begins[g] + parts.get(g).blocks();
            }
            long blocks = begins[parts.size()];
            if (blocks == 0 || n == 0) {
                return;
            }
            long columns = columns(blocks);
            long across = Math.ceilDiv(n, columns);
            PackedRight[] packed = new PackedRight[parts.size()];
            Storage memory = pack(packed);
            try {
                Workers.current().forRange(blocks * across, 1, (from, to) -> {
                    for (long piece = from; piece < to; piece++) {
                        long block = piece / across;
                        int group = group(begins, block);
                        block(
                                parts.get(group),
                                packed[group],
                                block - begins[group],
                                piece % across * columns,
                                columns);
                    }
                });
            } finally {
                if (memory != null) {
                    memory.release();
                }
            }
        }

        private void block(Part part, PackedRight packed, long block, long j, long columns) {
            long most = part.height(tiles);
            long i = block * most;
            int height = (int) Math.clamp(part.rows - i, 0, most);
            long width = Math.min(columns, n - j);
            Output out = Output.of(part.result.from(i, j), 1, accumulate);
            PackedRight right = packed == null ? null : packed.from(j);
            new BlockProduct(tiles, height, width, part.left.from(i, 0), part.right.from(0, j), right, out)
                    .run(part.depth);
        }

        /// Packs the right matrices that several blocks read; null where there are none, or they are too large.
        private Storage pack(PackedRight... packed) {
            long bytes = 0;
            for (Part part : parts) {
                bytes += shares(part) ? PackedRight.bytes(tiles, part.depth, n) : 0;
            }
            if (bytes == 0 || bytes > MOST_PACKED) {
                return null;
            }
            Storage memory = Pool.host().allocate(bytes, "grouped matmul: packed matrices");
            long start = 0;
            for (int g = 0; g < packed.length; g++) {
                Part part = parts.get(g);
                if (shares(part)) {
                    packed[g] = new PackedRight(tiles, memory.segment(), start, part.depth);
                    start += PackedRight.bytes(tiles, part.depth, n);
                }
            }
            long panels = Math.ceilDiv(n, (long) tiles.columns());
            Workers.current().forRange(packed.length * panels, 1, (from, to) -> {
                for (long panel = from; panel < to; panel++) {
                    int g = (int) (panel / panels);
                    if (packed[g] != null) {
                        packed[g].fill(parts.get(g).right, n, panel % panels * tiles.columns());
                    }
                }
            });
            return memory;
        }

        private boolean shares(Part part) {
            return part.blocks() > 1 && !DotTile.suits(tiles, part.left, part.right, (int) part.height(tiles), n);
        }

        private long columns(long blocks) {
            long panels = Math.ceilDiv(n, (long) tiles.columns());
            return Math.ceilDiv(panels, Math.clamp(Math.ceilDiv(PIECES, blocks), 1, panels)) * tiles.columns();
        }
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
