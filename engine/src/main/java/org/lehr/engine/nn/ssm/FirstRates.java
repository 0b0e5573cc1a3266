package org.lehr.engine.nn.ssm;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.kernels.DType;

/// The eigenvalues that the states of a channel begin with; of conjugate pairs the one above the real axis.
public enum FirstRates {
    /// Those of the normal part of the HiPPO matrix of Legendre polynomials (Gu et al. 2022): `−½` and the
    /// imaginary parts of a skew matrix; for real states `−1, −2, ...`, its diagonal.
    HIPPO,
    /// `−½ + iπ·n`, which approximates them; for real states `−1, −2, ...`.
    LINEAR,
    /// `−½ + i(N/π)·(N/(2n + 1) − 1)`, an approximation from the other end; for real states `−1, −2, ...`.
    INVERSE,
    /// Log-normal decays and normal frequencies of deviation `π·N/2`.
    RANDOM;

    /// Real and imaginary parts of `n` eigenvalues; the latter count for complex states only.
    record Values(double[] re, double[] im) {}

    Values of(int n, boolean complex, RandomStream random) {
        double[] re = new double[n];
        double[] im = new double[n];
        double[] sizes = random.split("re").normal(DType.FLOAT64, n).toDoubleArray();
        double[] turns = random.split("im").normal(DType.FLOAT64, n).toDoubleArray();
        double[] skew = this == HIPPO && complex ? SkewSpectrum.ofHippo(2 * n) : null;
        for (int j = 0; j < n; j++) {
            re[j] = this == RANDOM ? -StrictMath.exp(sizes[j]) : complex ? -0.5 : -(j + 1);
            im[j] = switch (this) {
                case HIPPO -> complex ? skew[j] : 0;
                case LINEAR -> Math.PI * j;
                case INVERSE -> 2 * n / Math.PI * (2.0 * n / (2 * j + 1) - 1);
                case RANDOM -> Math.PI * n / 2 * Math.abs(turns[j]);
            };
        }
        return new Values(re, im);
    }
}
