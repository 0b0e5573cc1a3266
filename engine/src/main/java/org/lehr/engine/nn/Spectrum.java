package org.lehr.engine.nn;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.DiagonalMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A matrix by its singular vectors and values, in float64: `left·diag(values)·rightᵀ`.
record Spectrum(RealMatrix left, double[] values, RealMatrix right) {

    /// Of standard normal numbers, `[out, in·(rest)]`.
    static Spectrum ofNormal(Shape shape, RandomStream random) {
        if (shape.rank() < 2 || shape.size() == 0) {
            throw new IllegalArgumentException(
                    "spectrum: needs a matrix of at least one element, got the shape " + shape);
        }
        int rows = Math.toIntExact(shape.extent(0));
        int columns = Math.toIntExact(shape.size() / rows);
        double[] flat = random.normal(DType.FLOAT64, rows, columns).toDoubleArray();
        double[][] matrix = new double[rows][];
        for (int r = 0; r < rows; r++) {
            matrix[r] = Arrays.copyOfRange(flat, r * columns, (r + 1) * columns);
        }
        SingularValueDecomposition parts = new SingularValueDecomposition(new Array2DRowRealMatrix(matrix, false));
        return new Spectrum(parts.getU(), parts.getSingularValues(), parts.getV());
    }

    /// The `rank` largest values; the others are zero.
    Spectrum truncated(int rank) {
        if (rank < 1) {
            throw new IllegalArgumentException("low rank: the rank must be at least 1, got " + rank);
        }
        double[] some = values.clone();
        Arrays.fill(some, Math.min(rank, some.length), some.length, 0);
        return new Spectrum(left, some, right);
    }

    /// With `√Σ values² = norm`.
    Spectrum scaledTo(double norm) {
        if (!(norm >= 0 && norm < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("low rank: the norm must be at least 0 and finite, got " + norm);
        }
        double now = Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
        return new Spectrum(left, Arrays.stream(values).map(v -> v * norm / now).toArray(), right);
    }

    Spectrum withValues(double... chosen) {
        if (chosen.length > values.length) {
            throw new IllegalArgumentException("spectrum: a matrix with " + values.length
                    + " singular values cannot have " + chosen.length + ": " + Arrays.toString(chosen));
        }
        return new Spectrum(left, Arrays.copyOf(chosen, values.length), right);
    }

    Tensor matrix(DType dtype, Shape shape) {
        RealMatrix product = left.multiply(new DiagonalMatrix(values)).multiply(right.transpose());
        double[] flat =
                Arrays.stream(product.getData()).flatMapToDouble(Arrays::stream).toArray();
        return Tensor.of(flat, shape.toArray()).to(dtype);
    }
}
