package org.lehr.bench;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// `[m, k]·[k, n]` by OpenBLAS itself, into memory that is there already. A transposed operand is stored as `[k, m]`
/// or `[n, k]`.
public record BlasProduct(DType dtype, int m, int k, int n, boolean leftTransposed, boolean rightTransposed) {

    /// A product that is ready to run.
    public interface Call extends Runnable {
        double[] result();
    }

    public Call on(Tensor left, Tensor right) {
        return dtype == DType.FLOAT64 ? doubles(left, right) : floats(left, right);
    }

    private static int order(boolean transposed) {
        return transposed ? openblas_nolapack.CblasTrans : openblas_nolapack.CblasNoTrans;
    }

    private Call floats(Tensor left, Tensor right) {
        FloatPointer a = new FloatPointer(left.toFloatArray());
        FloatPointer b = new FloatPointer(right.toFloatArray());
        FloatPointer c = new FloatPointer((long) m * n);
        return new Call() {
            @Override
            public void run() {
                openblas_nolapack.cblas_sgemm(
                        openblas_nolapack.CblasRowMajor,
                        order(leftTransposed),
                        order(rightTransposed),
                        m,
                        n,
                        k,
                        1,
                        a,
                        leftTransposed ? m : k,
                        b,
                        rightTransposed ? k : n,
                        0,
                        c,
                        n);
            }

            @Override
            public double[] result() {
                double[] values = new double[m * n];
                for (int i = 0; i < values.length; i++) {
                    values[i] = c.get(i);
                }
                return values;
            }
        };
    }

    private Call doubles(Tensor left, Tensor right) {
        DoublePointer a = new DoublePointer(left.toDoubleArray());
        DoublePointer b = new DoublePointer(right.toDoubleArray());
        DoublePointer c = new DoublePointer((long) m * n);
        return new Call() {
            @Override
            public void run() {
                openblas_nolapack.cblas_dgemm(
                        openblas_nolapack.CblasRowMajor,
                        order(leftTransposed),
                        order(rightTransposed),
                        m,
                        n,
                        k,
                        1,
                        a,
                        leftTransposed ? m : k,
                        b,
                        rightTransposed ? k : n,
                        0,
                        c,
                        n);
            }

            @Override
            public double[] result() {
                double[] values = new double[m * n];
                c.get(values);
                return values;
            }
        };
    }
}
