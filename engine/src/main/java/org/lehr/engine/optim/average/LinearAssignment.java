package org.lehr.engine.optim.average;

import java.util.Arrays;

/// Who does what, so that the sum of the gains is largest: by shortest augmenting paths (Jonker, Volgenant 1987), in
/// `O(n³)`.
final class LinearAssignment {

    private LinearAssignment() {}

    /// The column of each row.
    ///
    /// @param gains finite, `[n][n]`
    static int[] largest(double[][] gains) {
        int n = gains.length;
        // Row and column 0 stand for nobody; prices keep every reduced cost at least 0.
        double[] rowPrice = new double[n + 1];
        double[] columnPrice = new double[n + 1];
        int[] rowOf = new int[n + 1];
        for (int row = 1; row <= n; row++) {
            augment(row, gains, rowPrice, columnPrice, rowOf);
        }
        int[] columns = new int[n];
        for (int column = 1; column <= n; column++) {
            columns[rowOf[column] - 1] = column - 1;
        }
        return columns;
    }

    /// Gives `row` a column, and whoever had it another, along the cheapest path.
    private static void augment(int row, double[][] gains, double[] rowPrice, double[] columnPrice, int[] rowOf) {
        int n = gains.length;
        double[] cheapest = new double[n + 1];
        int[] before = new int[n + 1];
        boolean[] done = new boolean[n + 1];
        Arrays.fill(cheapest, Double.POSITIVE_INFINITY);
        rowOf[0] = row;
        int column = 0;
        while (rowOf[column] != 0) {
            done[column] = true;
            int here = rowOf[column];
            double step = Double.POSITIVE_INFINITY;
            int next = 0;
            for (int j = 1; j <= n; j++) {
                if (done[j]) {
                    continue;
                }
                double cost = -gains[here - 1][j - 1] - rowPrice[here] - columnPrice[j];
                if (cost < cheapest[j]) {
                    cheapest[j] = cost;
                    before[j] = column;
                }
                if (cheapest[j] < step) {
                    step = cheapest[j];
                    next = j;
                }
            }
            for (int j = 0; j <= n; j++) {
                if (done[j]) {
                    rowPrice[rowOf[j]] += step;
                    columnPrice[j] -= step;
                } else {
                    cheapest[j] -= step;
                }
            }
            column = next;
        }
        while (column != 0) {
            rowOf[column] = rowOf[before[column]];
            column = before[column];
        }
    }
}
