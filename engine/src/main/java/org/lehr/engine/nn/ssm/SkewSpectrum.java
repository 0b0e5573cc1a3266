package org.lehr.engine.nn.ssm;

import java.util.Arrays;

/// The spectrum of real skew-symmetric matrices.
final class SkewSpectrum {

    private static final int SWEEPS = 30;

    private SkewSpectrum() {}

    /// The positive imaginary parts, ascending, of the eigenvalues of `S[j, k] = ½√(2j + 1)·√(2k + 1)` above the
    /// diagonal and its negative below: the HiPPO matrix plus a matrix of rank one is this, minus `½` on its
    /// diagonal.
    ///
    /// @param size even
    static double[] ofHippo(int size) {
        double[][] square = new double[size][size];
        for (int j = 0; j < size; j++) {
            for (int k = 0; k < size; k++) {
                for (int l = 0; l < size; l++) {
                    square[j][k] += hippo(l, j) * hippo(l, k);
                }
            }
        }
        diagonalize(square);
        double[] squares = new double[size];
        Arrays.setAll(squares, j -> square[j][j]);
        Arrays.sort(squares);
        double[] values = new double[size / 2];
        // each square stands twice, for a value and its conjugate
        Arrays.setAll(values, j -> Math.sqrt(Math.max(0, (squares[2 * j] + squares[2 * j + 1]) / 2)));
        return values;
    }

    private static double hippo(int j, int k) {
        return Math.signum((double) k - j) * Math.sqrt(2 * j + 1) * Math.sqrt(2 * k + 1) / 2;
    }

    /// Rotates a symmetric matrix until it is diagonal (Jacobi 1846).
    private static void diagonalize(double[][] a) {
        int size = a.length;
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int p = 0; p < size; p++) {
                for (int q = p + 1; q < size; q++) {
                    rotate(a, p, q);
                }
            }
        }
    }

    private static void rotate(double[][] a, int p, int q) {
        if (Math.abs(a[p][q]) < 1e-14 * Math.sqrt(Math.abs(a[p][p] * a[q][q])) || a[p][q] == 0) {
            return;
        }
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double tangent = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double cos = 1 / Math.sqrt(tangent * tangent + 1);
        double sin = tangent * cos;
        for (int k = 0; k < a.length; k++) {
            double x = a[k][p];
            double y = a[k][q];
            a[k][p] = cos * x - sin * y;
            a[k][q] = sin * x + cos * y;
        }
        for (int k = 0; k < a.length; k++) {
            double x = a[p][k];
            double y = a[q][k];
            a[p][k] = cos * x - sin * y;
            a[q][k] = sin * x + cos * y;
        }
    }
}
