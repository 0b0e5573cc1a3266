package org.lehr.kernels.reduction;

/// One sweep over the inputs, giving one number per output. `s` is a number that an earlier sweep found.
enum Pass {
    /// `Σ x`
    SUM,
    /// `Σ |x|`
    ABSOLUTE,
    /// `Σ (x − s)²`
    SQUARES,
    /// `Σ exp(x − s)`
    EXPONENTIALS,
    /// `Π x`
    PRODUCT,
    /// The largest.
    MAX,
    /// The smallest.
    MIN;

    /// The result over nothing.
    double identity() {
        return switch (this) {
            case SUM, ABSOLUTE, SQUARES, EXPONENTIALS -> 0;
            case PRODUCT -> 1;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
        };
    }

    /// The sweep that combines results of this one.
    Pass join() {
        return switch (this) {
            case SUM, ABSOLUTE, SQUARES, EXPONENTIALS -> SUM;
            case PRODUCT -> PRODUCT;
            case MAX -> MAX;
            case MIN -> MIN;
        };
    }

    /// The result over two parts from the results over each.
    double combine(double a, double b) {
        return switch (this) {
            case SUM, ABSOLUTE, SQUARES, EXPONENTIALS -> a + b;
            case PRODUCT -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    /// The result over `partials[from .. from + count·step)`, each `step` apart, combined pairwise.
    double combine(double[] partials, int from, int count, int step) {
        if (count <= 2) {
            return switch (count) {
                case 0 -> identity();
                case 1 -> partials[from];
                default -> combine(partials[from], partials[from + step]);
            };
        }
        int half = count / 2;
        return combine(combine(partials, from, half, step), combine(partials, from + half * step, count - half, step));
    }

    /// As [#combine] with the results of `width` outputs side by side in each of `count` rows, from row `first` on;
    /// the
    /// results replace that row. Goes along rows, because a column of a large table misses the cache at each step.
    void combineRows(double[] partials, int first, int count, int width) {
        if (count <= 1) {
            return;
        }
        int half = count / 2;
        combineRows(partials, first, half, width);
        combineRows(partials, first + half, count - half, width);
        int from = first * width;
        int other = (first + half) * width;
        switch (join()) {
            case MAX, MIN, PRODUCT -> {
                for (int j = 0; j < width; j++) {
                    partials[from + j] = combine(partials[from + j], partials[other + j]);
                }
            }
            default -> {
                for (int j = 0; j < width; j++) {
                    partials[from + j] += partials[other + j];
                }
            }
        }
    }
}
