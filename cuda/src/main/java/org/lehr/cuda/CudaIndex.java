package org.lehr.cuda;

import org.lehr.kernels.DType;
import org.lehr.kernels.IndexKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Reading and writing at places given by indices.
record CudaIndex(Runtime runtime) implements IndexKernels {

    private static final String FILE = "indexing";

    @Override
    public void selectRows(View out, View table, View indices) {
        check("selectRows", indices, table.shape()[0]);
        long width = table.shape()[1];
        places("selectRows", "gather", out, table, indices, 1, table.shape()[0], indices.size(), width, false)
                .number(out.dtype().bytes())
                .forElements(out.size());
    }

    @Override
    public void addRows(View table, View indices, View values) {
        add("addRows", table, indices, values);
    }

    @Override
    public void rowSums(View table, View indices, View values) {
        check("rowSums", indices, table.shape()[0]);
        new CudaPointwise(runtime).fill(table, 0);
        add("rowSums", table, indices, values);
    }

    @Override
    public void gather(View out, View in, View indices) {
        check("gather", indices, in.shape()[1]);
        long[] shape = indices.shape();
        places("gather", "gather", out, in, indices, shape[0], in.shape()[1], shape[1], shape[2], true)
                .number(out.dtype().bytes())
                .forElements(out.size());
    }

    @Override
    public void scatterAdd(View out, View indices, View values) {
        check("scatterAdd", indices, out.shape()[1]);
        long[] shape = indices.shape();
        try (Widening wide = new Widening(runtime)) {
            View wideOut = wide.update(out);
            View wideValues = wide.read(values);
            String kernel = "scatter_add_" + summed("scatterAdd", wideOut.dtype());
            places(
                            "scatterAdd",
                            kernel,
                            wideOut,
                            wideValues,
                            indices,
                            shape[0],
                            out.shape()[1],
                            shape[1],
                            shape[2],
                            true)
                    .number(0)
                    .forElements(shape[0] * shape[2]);
        }
    }

    private void add(String operation, View table, View indices, View values) {
        check(operation, indices, table.shape()[0]);
        Storage next = runtime.allocate(Long.BYTES * indices.size(), operation);
        try (Widening wide = new Widening(runtime)) {
            View wideTable = wide.update(table);
            View wideValues = wide.read(values);
            DType dtype = summed(operation, wideTable.dtype());
            runtime.launch(operation, FILE, "link")
                    .dense(indices)
                    .scratch(next)
                    .number(indices.size())
                    .flag(IndexCheck.isWide(indices))
                    .forElements(indices.size());
            runtime.launch(operation, FILE, "add_rows_" + dtype)
                    .dense(wideTable)
                    .dense(wideValues)
                    .dense(indices)
                    .scratch(next)
                    .number(indices.size())
                    .number(table.shape()[1])
                    .flag(IndexCheck.isWide(indices))
                    .forElements(values.size());
        } finally {
            next.release();
        }
    }

    private Launch places(
            String operation,
            String kernel,
            View out,
            View in,
            View indices,
            long outer,
            long from,
            long to,
            long inner,
            boolean each) {
        return runtime.launch(operation, FILE, kernel)
                .dense(out)
                .dense(in)
                .dense(indices)
                .number(outer)
                .number(from)
                .number(to)
                .number(inner)
                .flag(each)
                .flag(IndexCheck.isWide(indices));
    }

    private void check(String operation, View indices, long limit) {
        new IndexCheck(runtime, operation).check(indices, limit, null);
    }

    private static DType summed(String operation, DType dtype) {
        return switch (dtype) {
            case FLOAT32, FLOAT64, INT64, INT32 -> dtype;
            case BFLOAT16, UINT8, BOOL ->
                throw new IllegalArgumentException(operation + ": cannot add elements of " + dtype);
        };
    }
}
