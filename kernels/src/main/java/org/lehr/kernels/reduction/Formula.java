package org.lehr.kernels.reduction;

import java.util.Optional;
import org.lehr.kernels.ReductionKernels.Reduction;

/// A reduction of `n` floating numbers as one sweep, or as two of which the second uses the first one's result.
record Formula(Reduction reduction, Pass first, Optional<Pass> second) {

    static Formula of(Reduction reduction) {
        return switch (reduction) {
            case SUM, MEAN -> new Formula(reduction, Pass.SUM, Optional.empty());
            case PRODUCT -> new Formula(reduction, Pass.PRODUCT, Optional.empty());
            case MAX -> new Formula(reduction, Pass.MAX, Optional.empty());
            case MIN -> new Formula(reduction, Pass.MIN, Optional.empty());
            case SUM_ABSOLUTE -> new Formula(reduction, Pass.ABSOLUTE, Optional.empty());
            case SUM_SQUARES -> new Formula(reduction, Pass.SQUARES, Optional.empty());
            case LOGSUMEXP -> new Formula(reduction, Pass.MAX, Optional.of(Pass.EXPONENTIALS));
            case SUM_SQUARED_DEVIATIONS -> new Formula(reduction, Pass.SUM, Optional.of(Pass.SQUARES));
            case ANY, ALL -> throw new IllegalArgumentException("reduce: " + reduction + " takes bool");
        };
    }

    /// Whether the only sweep's result is the reduction's.
    boolean isPlain() {
        return second.isEmpty() && reduction != Reduction.MEAN;
    }

    /// What the second sweep subtracts, from the first one's result.
    double shift(double first, long n) {
        return reduction == Reduction.LOGSUMEXP ? first : first / n;
    }

    /// The result of the reduction; `last` is that of the only or the second sweep.
    double result(double first, double last, long n) {
        return switch (reduction) {
            case MEAN -> first / n;
            // Infinities and NaN decide by themselves: nothing is added to them.
            case LOGSUMEXP -> Double.isFinite(first) ? first + Math.log(last) : first;
            case SUM_SQUARED_DEVIATIONS -> n == 0 ? 0 : Math.max(last, 0);
            default -> last;
        };
    }
}
