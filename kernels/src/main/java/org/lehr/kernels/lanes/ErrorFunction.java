package org.lehr.kernels.lanes;

/// The error function in float64.
///
/// `erf x = (2/√π) e^(−x²) Σ 2ⁿx²ⁿ⁺¹/(2n+1)!!` near 0, whose terms are all positive (Abramowitz, Stegun 7.1.6), and the
/// continued fraction `erfc x = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + ...))))` far from it (7.1.14).
/// Relative error below `2e-15`.
public final class ErrorFunction {

    private static final double JOIN = 2;
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

    private ErrorFunction() {}

    /// `erf x`.
    public static double erf(double x) {
        double t = Math.abs(x);
        if (t < JOIN) {
            return series(x);
        }
        return Math.copySign(1 - fraction(t), x);
    }

    /// `1 − erf x`, which keeps its digits for large `x`.
    public static double erfc(double x) {
        return x < 1 ? 1 - erf(x) : fraction(x);
    }

    private static double series(double x) {
        double square = x * x;
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > Math.abs(sum) * 0x1p-56; n++) {
            term *= 2 * square / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_ROOT_PI * gauss(x) * sum;
    }

    /// The error of `n` terms falls as `e^(−2x√(2n))`.
    private static double fraction(double x) {
        if (x != x || x > 28) {
            return x != x ? x : 0;
        }
        double tail = x;
        for (int n = 10 + (int) (250 / (x * x)); n > 0; n--) {
            tail = x + n / 2.0 / tail;
        }
        return gauss(x) / (tail * Math.sqrt(Math.PI));
    }

    /// `e^(−x²)` with what the rounding of `x²` lost put back.
    private static double gauss(double x) {
        double square = x * x;
        return Math.exp(-square) * (1 - Math.fma(x, x, -square));
    }
}
