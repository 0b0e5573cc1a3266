package org.lehr.bench;

import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// `[m, k]·[k, n]` by OpenBLAS itself, into memory that is there already. A transposed operand is stored as `[k, m]`
/// or `[n, k]`.
public record BlasProduct(DType dtype, int m, int k, int n, boolean leftTransposed, boolean rightTransposed) {

    /// A product that is ready to run.
    public record Call(Runnable product, Supplier<double[]> values) implements Runnable {

        @Override
        public void run() {
            product.run();
        }

        public double[] result() {
            return values.get();
        }
    }

    public Call on(Tensor left, Tensor right) {
        return dtype == DType.FLOAT64 ? doubles(left, right) : floats(left, right);
    }

    private static int order(boolean transposed) {
        return transposed ? openblas_nolapack.CblasTrans : openblas_nolapack.CblasNoTrans;
    }

    private int leftStride() {
        return leftTransposed ? m : k;
    }

    private int rightStride() {
        return rightTransposed ? k : n;
    }

    private Call floats(Tensor left, Tensor right) {
        FloatPointer a = new FloatPointer(left.toFloatArray());
        FloatPointer b = new FloatPointer(right.toFloatArray());
        FloatPointer c = new FloatPointer((long) m * n);
        int row = openblas_nolapack.CblasRowMajor;
        int leftOrder = order(leftTransposed);
        int rightOrder = order(rightTransposed);
        return new Call(
                () -> openblas_nolapack.cblas_sgemm(
                        row, leftOrder, rightOrder, m, n, k, 1, a, leftStride(), b, rightStride(), 0, c, n),
                () -> IntStream.range(0, m * n).mapToDouble(c::get).toArray());
    }

    private Call doubles(Tensor left, Tensor right) {
        DoublePointer a = new DoublePointer(left.toDoubleArray());
        DoublePointer b = new DoublePointer(right.toDoubleArray());
        DoublePointer c = new DoublePointer((long) m * n);
        int row = openblas_nolapack.CblasRowMajor;
        int leftOrder = order(leftTransposed);
        int rightOrder = order(rightTransposed);
        return new Call(
                () -> openblas_nolapack.cblas_dgemm(
                        row, leftOrder, rightOrder, m, n, k, 1, a, leftStride(), b, rightStride(), 0, c, n),
                () -> IntStream.range(0, m * n).mapToDouble(c::get).toArray());
    }
}
