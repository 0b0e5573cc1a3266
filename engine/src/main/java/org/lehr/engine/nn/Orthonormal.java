package org.lehr.engine.nn;

/// The factor Q of a QR decomposition by Gram and Schmidt. With normal numbers to begin with, it is
/// uniform among the orthogonal matrices, since the diagonal of R is positive.
final class Orthonormal {

    private Orthonormal() {}

    /// Makes `count` rows orthonormal, in place and in float64; they must be independent.
    static double[] rows(double[] matrix, int count) {
        int length = matrix.length / count;
        for (int row = 0; row < count; row++) {
            // Once leaves the rounding of nearly parallel rows, twice is enough (Giraud et al. 2005).
            for (int pass = 0; pass < 2; pass++) {
                for (int earlier = 0; earlier < row; earlier++) {
                    double along = dot(matrix, row * length, earlier * length, length);
                    for (int i = 0; i < length; i++) {
                        matrix[row * length + i] -= along * matrix[earlier * length + i];
                    }
                }
            }
            double norm = Math.sqrt(dot(matrix, row * length, row * length, length));
            for (int i = 0; i < length; i++) {
                matrix[row * length + i] /= norm;
            }
        }
        return matrix;
    }

    private static double dot(double[] matrix, int a, int b, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += matrix[a + i] * matrix[b + i];
        }
        return sum;
    }
}
