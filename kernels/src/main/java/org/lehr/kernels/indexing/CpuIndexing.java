package org.lehr.kernels.indexing;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.IndexKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.indexing.GatherKernel.Extents;
import org.lehr.kernels.parallel.Workers;

/// Indexing on the processor: reads are shared out by output, sums by columns, each of which has one owner.
public final class CpuIndexing implements IndexKernels {

    private static final long PIECE_BYTES = 1 << 17;
    private static final long PIECE_ELEMENTS = 1 << 14;
    private static final long COLUMNS = 96;
    private static final long POSITIONS = 64;

    /// Tables of at least this many rows are shared out by rows, so that each row is visited once.
    private static final long MANY_ROWS = 1024;

    private static final long OWNERS = 16;

    /// As `CpuBackend` needs it.
    public CpuIndexing() {}

    @Override
    public void selectRows(View out, View table, View indices) {
        Indices rows = Indices.of("selectRows", indices);
        rows.check("selectRows", table.shape()[0]);
        MemorySegment target = dense("selectRows", out);
        MemorySegment source = dense("selectRows", table);
        long rowBytes = table.shape()[1] * table.dtype().bytes();
        if (rowBytes > 0) {
            long piece = Math.max(1, PIECE_BYTES / rowBytes);
            Workers.current()
                    .forRange(
                            rows.count(),
                            piece,
                            (from, to) -> RowSelectKernel.forward(target, source, rows, rowBytes, from, to));
        }
    }

    @Override
    public void addRows(View table, View indices, View values) {
        Indices rows = Indices.of("addRows", indices);
        rows.check("addRows", table.shape()[0]);
        MemorySegment target = dense("addRows", table);
        MemorySegment source = dense("addRows", values);
        long n = table.shape()[1];
        DType dtype = table.dtype();
        if (dtype == DType.BFLOAT16) {
            long[] order = RowSelectKernel.ordered(rows);
            Workers.current()
                    .forRange(
                            order.length,
                            POSITIONS,
                            (from, to) -> RowSelectKernel.backwardRounded(
                                    target, order, source, (int) n, (int) from, (int) to));
        } else {
            Addition.check("addRows", dtype);
            if (table.shape()[0] >= MANY_ROWS) {
                Workers.current().forRange(OWNERS, 1, (from, to) -> {
                    for (long owner = from; owner < to; owner++) {
                        RowSelectKernel.backwardOwned(dtype, target, rows, source, n, OWNERS, owner);
                    }
                });
                return;
            }
            Workers.current()
                    .forRange(
                            n,
                            COLUMNS,
                            (from, to) -> RowSelectKernel.backward(dtype, target, rows, source, n, from, to));
        }
    }

    @Override
    public void rowSums(View table, View indices, View values) {
        Indices rows = Indices.of("rowSums", indices);
        rows.check("rowSums", table.shape()[0]);
        MemorySegment source = dense("rowSums", values);
        dense("rowSums", table);
        if (table.dtype() == DType.BFLOAT16 || table.shape()[0] > Integer.MAX_VALUE / 2) {
            table.storage().written();
            RowSumKernel.clear(table);
            addRows(table, indices, values);
        } else {
            Addition.check("rowSums", table.dtype());
            RowSumKernel.run(table, rows, source);
        }
    }

    @Override
    public void gather(View out, View in, View indices) {
        Indices places = Indices.of("gather", indices);
        Extents extents = extents("gather", in, indices);
        places.check("gather", extents.n());
        MemorySegment target = dense("gather", out);
        MemorySegment source = dense("gather", in);
        int bytes = in.dtype().bytes();
        long piece = Math.max(1, PIECE_ELEMENTS / Math.max(1, extents.c()));
        Workers.current()
                .forRange(
                        extents.a() * extents.m(),
                        piece,
                        (from, to) -> GatherKernel.forward(bytes, target, source, places, extents, from, to));
    }

    @Override
    public void scatterAdd(View out, View indices, View values) {
        Indices places = Indices.of("scatterAdd", indices);
        Extents extents = extents("scatterAdd", out, indices);
        places.check("scatterAdd", extents.n());
        try (Widened wideOut = Widened.update(out);
                Widened wideValues = Widened.read(values)) {
            DType dtype = wideOut.view().dtype();
            Addition.check("scatterAdd", dtype);
            MemorySegment target = dense("scatterAdd", wideOut.view());
            MemorySegment source = dense("scatterAdd", wideValues.view());
            long width = Math.clamp(extents.c(), 1, COLUMNS);
            long blocks = (extents.c() + width - 1) / width;
            long piece = Math.max(1, PIECE_ELEMENTS / Math.max(1, extents.m() * width));
            Workers.current().forRange(extents.a() * blocks, piece, (from, to) -> {
                for (long block = from; block < to; block++) {
                    long first = block % blocks * width;
                    long last = Math.min(first + width, extents.c());
                    GatherKernel.backward(dtype, target, places, source, extents, block / blocks, first, last);
                }
            });
        }
    }

    private static Extents extents(String operation, View whole, View indices) {
        if (whole.rank() != 3 || indices.rank() != 3) {
            throw new IllegalArgumentException(
                    operation + ": expected three dimensions, got " + whole + " and " + indices);
        }
        return new Extents(whole.shape()[0], whole.shape()[1], indices.shape()[1], whole.shape()[2]);
    }

    private static MemorySegment dense(String operation, View view) {
        if (!view.isContiguous()) {
            throw new IllegalArgumentException(operation + ": expected a dense array, got strides of " + view);
        }
        return view.storage()
                .segment()
                .asSlice(view.byteOffset(), view.size() * view.dtype().bytes());
    }
}
