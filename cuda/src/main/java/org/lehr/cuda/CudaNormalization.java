package org.lehr.cuda;

import org.lehr.kernels.DType;
import org.lehr.kernels.NormalizationKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Normalisation of rows.
record CudaNormalization(Runtime runtime) implements NormalizationKernels {

    private static final String FILE = "normalization";

    /// Rows of a part whose sums one thread forms; the same for any device, so that sums have the same bits.
    private static final long PART = 64;

    private static final long MOST_PARTS = 128;

    @Override
    public void layerNorm(View y, View mean, View rstd, View x, View weight, View bias, double epsilon) {
        forward("layer_norm", y, mean, rstd, x, weight, bias, epsilon);
    }

    @Override
    public void rmsNorm(View y, View rstd, View x, View weight, double epsilon) {
        forward("rms_norm", y, null, rstd, x, weight, null, epsilon);
    }

    @Override
    public void layerNormBackward(
            View dx, View dWeight, View dBias, View dy, View x, View mean, View rstd, View weight) {
        backward("layer_norm_backward", dx, dWeight, dBias, dy, x, mean, rstd, weight);
    }

    @Override
    public void rmsNormBackward(View dx, View dWeight, View dy, View x, View rstd, View weight) {
        backward("rms_norm_backward", dx, dWeight, null, dy, x, null, rstd, weight);
    }

    private void forward(
            String operation, View y, View mean, View rstd, View x, View weight, View bias, double epsilon) {
        runtime.launch(operation, FILE, operation + "_" + x.dtype())
                .dense(y)
                .dense(mean)
                .dense(rstd)
                .dense(x)
                .dense(weight)
                .dense(bias)
                .number(x.shape()[0])
                .number(x.shape()[1])
                .number(epsilon)
                .forRows(x.shape()[0]);
    }

    private void backward(
            String operation, View dx, View dWeight, View dBias, View dy, View x, View mean, View rstd, View weight) {
        long rows = x.shape()[0];
        long n = x.shape()[1];
        runtime.launch(operation, FILE, "norm_gradient_" + x.dtype())
                .dense(dx)
                .dense(dy)
                .dense(x)
                .dense(mean)
                .dense(rstd)
                .dense(weight)
                .number(rows)
                .number(n)
                .forRows(rows);
        if (dWeight == null && dBias == null) {
            return;
        }
        long parts = Math.clamp(Math.ceilDiv(rows, PART), 1, MOST_PARTS);
        long bytes = parts * n * (x.dtype() == DType.FLOAT64 ? Double.BYTES : Float.BYTES);
        Storage weights = runtime.allocate(bytes, operation);
        Storage biases = runtime.allocate(bytes, operation);
        try {
            runtime.launch(operation, FILE, "column_parts_" + x.dtype())
                    .scratch(weights)
                    .scratch(biases)
                    .dense(dy)
                    .dense(x)
                    .dense(mean)
                    .dense(rstd)
                    .number(rows)
                    .number(n)
                    .number(parts)
                    .forElements(parts * n);
            sum(operation, dWeight, weights, parts, n);
            sum(operation, dBias, biases, parts, n);
        } finally {
            weights.release();
            biases.release();
        }
    }

    private void sum(String operation, View out, Storage parts, long count, long n) {
        if (out != null) {
            runtime.launch(operation, FILE, "part_sums_" + out.dtype())
                    .dense(out)
                    .scratch(parts)
                    .number(count)
                    .number(n)
                    .forElements(n);
        }
    }
}
