package org.lehr.kernels.reduction;

/// Adds rows of float64 to a row of results, column by column.
final class DoubleColumns {

    private DoubleColumns() {}

    /// `results[j] = combine(results[j], term(x[j]))` for `j` below `n`.
    static void add(Pass pass, double[] x, double[] results, double[] shifts, int n) {
        switch (pass) {
            case SUM -> {
                for (int j = 0; j < n; j++) {
                    results[j] += x[j];
                }
            }
            case ABSOLUTE -> {
                for (int j = 0; j < n; j++) {
                    results[j] += Math.abs(x[j]);
                }
            }
            case SQUARES -> {
                for (int j = 0; j < n; j++) {
                    results[j] += (x[j] - shifts[j]) * (x[j] - shifts[j]);
                }
            }
            case EXPONENTIALS -> {
                for (int j = 0; j < n; j++) {
                    results[j] += Math.exp(x[j] - shifts[j]);
                }
            }
            case PRODUCT -> {
                for (int j = 0; j < n; j++) {
                    results[j] *= x[j];
                }
            }
            case MAX -> {
                for (int j = 0; j < n; j++) {
                    results[j] = Math.max(results[j], x[j]);
                }
            }
            case MIN -> {
                for (int j = 0; j < n; j++) {
                    results[j] = Math.min(results[j], x[j]);
                }
            }
        }
    }
}
