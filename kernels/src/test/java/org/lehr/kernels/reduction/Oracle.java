package org.lehr.kernels.reduction;

import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;

/// Reductions by their definitions, in float64, and how far a kernel may be from them.
final class Oracle {

    private Oracle() {}

    static double reduce(Reduction reduction, double[] x) {
        double sum = Arrays.stream(x).sum();
        return switch (reduction) {
            case SUM -> sum;
            case MEAN -> sum / x.length;
            case PRODUCT -> Arrays.stream(x).reduce(1, (a, b) -> a * b);
            case MAX -> Arrays.stream(x).reduce(Double.NEGATIVE_INFINITY, Math::max);
            case MIN -> Arrays.stream(x).reduce(Double.POSITIVE_INFINITY, Math::min);
            case SUM_ABSOLUTE -> Arrays.stream(x).map(Math::abs).sum();
            case SUM_SQUARES -> Arrays.stream(x).map(a -> a * a).sum();
            case LOGSUMEXP -> Math.log(Arrays.stream(x).map(Math::exp).sum());
            case SUM_SQUARED_DEVIATIONS ->
                Arrays.stream(x)
                        .map(a -> (a - sum / x.length) * (a - sum / x.length))
                        .sum();
            case ANY, ALL -> throw new IllegalArgumentException("not a reduction of numbers: " + reduction);
        };
    }

    /// Rounding of the result to `dtype`, and of its terms in the longest chain of additions: at most 80 in
    /// float32.
    static double tolerance(Reduction reduction, DType dtype, double[] x) {
        double terms = switch (reduction) {
            case SUM, SUM_ABSOLUTE -> reduce(Reduction.SUM_ABSOLUTE, x);
            case MEAN -> reduce(Reduction.SUM_ABSOLUTE, x) / x.length;
            case SUM_SQUARES, SUM_SQUARED_DEVIATIONS -> reduce(Reduction.SUM_SQUARES, x);
            case LOGSUMEXP -> 1;
            default -> 0;
        };
        double chain = Math.min(x.length, 80);
        double unit = dtype == DType.FLOAT64 ? 0x1p-53 * x.length : 0x1p-24;
        double result = Math.abs(reduce(reduction, x));
        double last = switch (dtype) {
            case FLOAT64 -> 0x1p-53 * (2 + x.length);
            case FLOAT32 -> 0x1p-24;
            default -> 0x1p-8;
        };
        return unit * (chain + 4) * terms + last * (result + terms / Math.max(1, x.length)) * 1.01;
    }
}
