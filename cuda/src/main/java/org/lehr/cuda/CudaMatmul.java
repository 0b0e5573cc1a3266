package org.lehr.cuda;

import java.util.Arrays;
import org.lehr.kernels.MatmulKernels;
import org.lehr.kernels.View;

/// Products of matrices and stacks of matrices.
record CudaMatmul(Runtime runtime) implements MatmulKernels {

    private static final String FILE = "matmul";
    private static final int TILE = 16;
    private static final int THREADS = TILE * TILE;
    private static final int BATCH_RANK = 6;
    private static final int MOST_BLOCKS = 65_535;

    /// Blocks that share the tiles of rows of one group.
    private static final int GROUP_BLOCKS = 32;

    @Override
    public void matmul(View c, View a, View b, boolean accumulate, Epilogue epilogue) {
        int rank = c.rank();
        long m = c.shape()[rank - 2];
        long n = c.shape()[rank - 1];
        View residual = epilogue.residual();
        View before = epilogue.preActivation();
        Extents batches = Extents.of(
                "matmul",
                stack(c),
                stack(a),
                stack(b),
                stack(residual == null ? c : residual),
                stack(before == null ? c : before));
        if (batches.rank() > BATCH_RANK) {
            throw new IllegalArgumentException("matmul: " + Arrays.toString(c.shape()) + " with these strides needs "
                    + batches.rank() + " dimensions of matrices, the device has room for " + BATCH_RANK);
        }
        if (c.size() == 0) {
            return;
        }
        boolean tensor = TensorTiles.take(c, a, b);
        String kernel = tensor ? TensorTiles.kernel(a, b) : "matmul_" + c.dtype();
        Launch launch = runtime.launch("matmul", FILE, kernel)
                .view(c)
                .view(a)
                .view(b)
                .view(epilogue.bias())
                .view(residual)
                .view(before)
                .number(batches.size())
                .numbers(batches.shape(), BATCH_RANK);
        for (long[] strides : batches.strides()) {
            launch.numbers(strides, BATCH_RANK);
        }
        launch.number(m)
                .number(n)
                .number(a.shape()[rank - 1])
                .number(row(c))
                .number(row(a))
                .number(column(a))
                .number(row(b))
                .number(column(b))
                .number(residual == null ? 0 : row(residual))
                .number(residual == null ? 0 : column(residual))
                .number(before == null ? 0 : row(before))
                .number(before == null ? 0 : column(before))
                .number(epilogue.bias() == null ? 0 : column(epilogue.bias()))
                .number(epilogue.scale())
                .number(batches.rank())
                .number(epilogue.activation().ordinal())
                .flag(accumulate)
                .run(new Grid(
                        Math.toIntExact(tensor ? TensorTiles.blocks(m, n) : tiles(m) * tiles(n)),
                        (int) Math.min(MOST_BLOCKS, batches.size()),
                        1,
                        THREADS,
                        0));
    }

    @Override
    public void groupedMatmul(View c, View a, View b, View offsets, boolean accumulate) {
        long rows = c.shape()[0];
        grouped("groupedMatmul", "grouped_", c, a, b, offsets)
                .number(b.strides()[0])
                .number(0L)
                .number(row(c))
                .number(row(a))
                .number(column(a))
                .number(row(b))
                .number(column(b))
                .flag(accumulate)
                .run(grid(c, offsets, rows));
    }

    @Override
    public void groupedGradient(View c, View a, View b, View offsets, boolean accumulate) {
        grouped("groupedGradient", "grouped_gradient_", c, a, b, offsets)
                .number(0L)
                .number(c.strides()[0])
                .number(row(c))
                .number(row(a))
                .number(column(a))
                .number(row(b))
                .number(column(b))
                .flag(accumulate)
                .run(grid(c, offsets, c.shape()[1]));
    }

    @Override
    public void ternaryMatmul(View c, View a, View packed, boolean transposed) {
        long columns = c.shape()[1];
        long inner = a.shape()[1];
        runtime.launch("ternaryMatmul", FILE, "ternary_" + c.dtype())
                .view(c)
                .view(a)
                .dense(packed)
                .number(c.shape()[0])
                .number(transposed ? inner : columns)
                .number(transposed ? columns : inner)
                .number(row(c))
                .number(row(a))
                .number(column(a))
                .flag(transposed)
                .forElements(c.size());
    }

    private Launch grouped(String operation, String kernel, View c, View a, View b, View offsets) {
        return runtime.launch(operation, FILE, kernel + c.dtype())
                .view(c)
                .view(a)
                .view(b)
                .dense(offsets)
                .number(offsets.size() - 1)
                .number(column(c.shape()))
                .number(column(a.shape()));
    }

    /// Blocks for tiles of columns, groups, and tiles of rows.
    private static Grid grid(View c, View offsets, long rows) {
        return new Grid(
                (int) Math.max(1, tiles(column(c.shape()))),
                Math.clamp(offsets.size() - 1, 1, MOST_BLOCKS),
                Math.clamp(tiles(rows), 1, GROUP_BLOCKS),
                THREADS,
                0);
    }

    /// What is left of a stack of matrices when each is taken for one element.
    private static View stack(View view) {
        int rank = view.rank() - 2;
        return new View(
                view.storage(),
                view.dtype(),
                view.offset(),
                Arrays.copyOf(view.shape(), rank),
                Arrays.copyOf(view.strides(), rank));
    }

    private static long tiles(long extent) {
        return Math.ceilDiv(extent, TILE);
    }

    private static long row(View view) {
        return view.strides()[view.rank() - 2];
    }

    private static long column(View view) {
        return column(view.strides());
    }

    private static long column(long[] of) {
        return of[of.length - 1];
    }
}
