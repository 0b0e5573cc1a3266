package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.lehr.bench.BlasProduct;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.kernels.DType;

/// Products of matrices at the shapes of training: `[m, k]·[k, n]`, and the forms in which one operand is stored
/// transposed (`nt`: the input's gradient, `tn`: the weight's).
public final class MatmulRows implements Rows {

    @Override
    public Stream<Row> rows() {
        return Stream.of(
                product(DType.FLOAT32, "nn", 256, 256, 256),
                product(DType.FLOAT32, "nn", 512, 512, 512),
                product(DType.FLOAT32, "nn", 1024, 1024, 1024),
                product(DType.FLOAT32, "nn", 2048, 384, 1536),
                product(DType.FLOAT32, "nt", 2048, 384, 1536),
                product(DType.FLOAT32, "tn", 384, 2048, 1536),
                product(DType.FLOAT32, "nn", 2048, 1536, 384),
                product(DType.FLOAT32, "nt", 2048, 1536, 384),
                product(DType.FLOAT32, "tn", 1536, 2048, 384),
                product(DType.FLOAT32, "nn", 333, 777, 555),
                product(DType.FLOAT32, "nt", 333, 777, 555),
                product(DType.FLOAT32, "tn", 333, 777, 555),
                product(DType.FLOAT32, "nn", 16384, 64, 16),
                product(DType.FLOAT32, "tn", 16, 16384, 64),
                product(DType.FLOAT32, "nn", 1, 1536, 1536),
                product(DType.FLOAT32, "nt", 1, 1536, 1536),
                product(DType.FLOAT32, "nn", 1536, 1536, 1),
                batched("nn", 48, 256, 64, 256),
                batched("nt", 48, 256, 64, 256),
                batched("nn", 48, 256, 256, 64),
                batched("tn", 48, 256, 256, 64),
                product(DType.FLOAT64, "nn", 256, 256, 256),
                product(DType.FLOAT64, "nn", 1024, 1024, 1024),
                product(DType.FLOAT64, "nt", 2048, 384, 1536));
    }

    private static Row product(DType dtype, String form, int m, int k, int n) {
        boolean single = dtype == DType.FLOAT32;
        String name = "matmul/" + (single ? "" : "f64/") + form + "/" + m + "x" + k + "x" + n;
        boolean left = form.startsWith("t");
        boolean right = form.endsWith("t");
        // A vector's product reads the matrix once and does next to nothing with it.
        Cost cost = Math.min(m, n) == 1
                ? Cost.floats((double) m * k + (double) k * n + (double) m * n)
                : Cost.operations((single ? 2.0 : 4.0) * m * k * n);
        return operation(
                        name,
                        cost,
                        left,
                        right,
                        left ? new long[] {k, m} : new long[] {m, k},
                        right ? new long[] {n, k} : new long[] {k, n},
                        dtype)
                .withSum(k)
                .withBlas(new BlasProduct(dtype, m, k, n, left, right));
    }

    private static Row batched(String form, long batch, long m, long k, long n) {
        boolean left = form.startsWith("t");
        boolean right = form.endsWith("t");
        String name = "matmul/batched/" + form + "/" + batch + "x" + m + "x" + k + "x" + n;
        return operation(
                        name,
                        Cost.operations(2.0 * batch * m * k * n),
                        left,
                        right,
                        left ? new long[] {batch, k, m} : new long[] {batch, m, k},
                        right ? new long[] {batch, n, k} : new long[] {batch, k, n},
                        DType.FLOAT32)
                .withSum(k);
    }

    private static Operation operation(
            String name, Cost cost, boolean left, boolean right, long[] first, long[] second, DType dtype) {
        return Operation.forward(
                        name,
                        cost,
                        x -> (left ? x[0].transpose(-1, -2) : x[0]).matmul(right ? x[1].transpose(-1, -2) : x[1]),
                        x -> (left ? x[0].transpose(-1, -2) : x[0]).matmul(right ? x[1].transpose(-1, -2) : x[1]))
                .withInputs(Operation.normal(dtype, first, second));
    }
}
