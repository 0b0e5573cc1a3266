package org.lehr.cuda;

import java.util.List;
import org.lehr.kernels.AttentionKernels;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Softmax attention without the score matrix in memory.
record CudaAttention(Runtime runtime) implements AttentionKernels {

    private static final String FILE = "attention";
    private static final int WARP = 32;

    /// What is written, null where nothing is.
    private record Gradients(View dq, View dk, View dv, View dBias, View dOut, Storage dots) {
        private static final Gradients NONE = new Gradients(null, null, null, null, null, null);
    }

    @Override
    public void forward(View out, View logSumExp, View q, View k, View v, Mask mask) {
        launch("attention", "forward_", q, k, v, out, logSumExp, Gradients.NONE, mask)
                .run(grid(q.shape()[0] * q.shape()[1] * q.shape()[2], v.shape()[3]));
    }

    @Override
    public void backward(
            View dq,
            View dk,
            View dv,
            View dBias,
            View dOut,
            View out,
            View logSumExp,
            View q,
            View k,
            View v,
            Mask mask) {
        long queries = q.shape()[0] * q.shape()[1] * q.shape()[2];
        Storage dots = runtime.allocate(Double.BYTES * queries, "attention backward");
        try {
            Gradients gradients = new Gradients(dq, dk, dv, dBias, dOut, dots);
            launch("attention backward", "query_gradient_", q, k, v, out, logSumExp, gradients, mask)
                    .run(grid(queries, q.shape()[3]));
            launch("attention backward", "key_gradient_", q, k, v, out, logSumExp, gradients, mask)
                    .run(grid(k.shape()[0] * k.shape()[1] * k.shape()[2], q.shape()[3] + v.shape()[3]));
        } finally {
            dots.release();
        }
    }

    /// The pages are first copied side by side.
    @Override
    public void forwardPages(View out, View q, List<View> keys, List<View> values, Mask mask) {
        View k = together(keys);
        View v = together(values);
        DType dtype = q.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        long queries = q.shape()[0] * q.shape()[1];
        Storage logSumExp = runtime.allocate(dtype.bytes() * queries, "attention over pages");
        try {
            forward(out, View.rowMajor(logSumExp, dtype, q.shape()[0], q.shape()[1], 1), q, k, v, mask);
        } finally {
            logSumExp.release();
            k.storage().release();
            v.storage().release();
        }
    }

    @Override
    public void rotate(View out, View x, View cos, View sin, boolean inverse) {
        Launch launch = runtime.launch("rotate", FILE, "rotate_" + x.dtype());
        heads(launch, out);
        heads(launch, x);
        long half = x.shape()[3] / 2;
        launch.dense(cos)
                .dense(sin)
                .number(x.shape()[0])
                .number(x.shape()[1])
                .number(x.shape()[2])
                .number(half)
                .flag(inverse)
                .forElements(x.size() / 2);
    }

    private View together(List<View> pages) {
        View first = pages.getFirst();
        long length = pages.stream().mapToLong(page -> page.shape()[2]).sum();
        long[] shape = {first.shape()[0], first.shape()[1], length, first.shape()[3]};
        long elements = shape[0] * shape[1] * shape[2] * shape[3];
        Storage storage = runtime.allocate(elements * first.dtype().bytes(), "attention over pages");
        View all = View.rowMajor(storage, first.dtype(), shape);
        long from = 0;
        for (View page : pages) {
            View part = new View(storage, all.dtype(), from * shape[3], page.shape(), all.strides());
            new CudaPointwise(runtime).copy(part, page);
            from += page.shape()[2];
        }
        return all;
    }

    private Launch launch(
            String operation,
            String kernel,
            View q,
            View k,
            View v,
            View out,
            View logSumExp,
            Gradients gradients,
            Mask mask) {
        Launch launch = runtime.launch(operation, FILE, kernel + q.dtype());
        heads(launch, q);
        heads(launch, k);
        heads(launch, v);
        heads(launch, out);
        heads(launch, gradients.dOut);
        heads(launch, gradients.dq);
        heads(launch, gradients.dk);
        heads(launch, gradients.dv);
        launch.dense(logSumExp);
        if (gradients.dots == null) {
            launch.number(0L);
        } else {
            launch.scratch(gradients.dots);
        }
        View bias = mask.bias();
        View padding = mask.keyPadding();
        return launch.dense(gradients.dBias)
                .view(bias)
                .view(padding)
                .numbers(bias == null ? new long[0] : bias.strides(), 4)
                .numbers(padding == null ? new long[0] : padding.strides(), 2)
                .number(q.shape()[0])
                .number(q.shape()[1])
                .number(k.shape()[1])
                .number(q.shape()[2])
                .number(k.shape()[2])
                .number(q.shape()[3])
                .number(v.shape()[3])
                .number(mask.window())
                .number(mask.scale())
                .number(mask.softCap())
                .flag(mask.causal());
    }

    private static void heads(Launch launch, View view) {
        launch.view(view).numbers(view == null ? new long[0] : view.strides(), 3);
    }

    /// A warp to each row, and the sums of `columns` columns.
    private static Grid grid(long rows, long columns) {
        return new Grid(Math.clamp(rows, 1, Integer.MAX_VALUE), 1, 1, WARP, Math.toIntExact(Double.BYTES * columns));
    }
}
