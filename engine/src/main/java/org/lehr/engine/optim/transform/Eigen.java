package org.lehr.engine.optim.transform;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.lehr.engine.tensor.Tensor;

/// The eigenvectors and eigenvalues of a symmetric matrix, in float64 on the host.
///
/// @param vectors `[n, n]`, one in each column, by falling eigenvalue; of the dtype of the matrix
/// @param values `n`, falling
public record Eigen(Tensor vectors, double[] values) {

    /// @param symmetric `[n, n]`
    public static Eigen of(Tensor symmetric) {
        int n = Math.toIntExact(symmetric.extent(0));
        EigenDecomposition parts = new EigenDecomposition(matrix(symmetric, n));
        double[] flat = new double[n * n];
        RealMatrix v = parts.getV();
        for (int r = 0; r < n; r++) {
            for (int c = 0; c < n; c++) {
                flat[r * n + c] = v.getEntry(r, c);
            }
        }
        return new Eigen(Tensor.of(flat, n, n).to(symmetric.dtype()), parts.getRealEigenvalues());
    }

    private static RealMatrix matrix(Tensor symmetric, int n) {
        double[] flat = symmetric.toDoubleArray();
        RealMatrix matrix = new Array2DRowRealMatrix(n, n);
        for (int r = 0; r < n; r++) {
            for (int c = 0; c < n; c++) {
                double value = (flat[r * n + c] + flat[c * n + r]) / 2;
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "eigenvectors: the matrix holds " + value + " at " + r + ", " + c);
                }
                matrix.setEntry(r, c, value);
            }
        }
        return matrix;
    }

    /// The matrix to a power, its eigenvalues first raised to at least `least` times the largest; the
    /// identity where none is above 0.
    public Tensor power(double exponent, double least) {
        int n = values.length;
        double[] powers = new double[n];
        double largest = n == 0 ? 0 : values[0];
        double floor = largest * least;
        for (int i = 0; i < n; i++) {
            powers[i] = largest > 0 ? StrictMath.pow(Math.max(values[i], floor), exponent) : 1;
        }
        Tensor scaled = vectors.mul(Tensor.of(powers, n).to(vectors.dtype()));
        return scaled.matmul(vectors.transpose(0, 1));
    }
}
