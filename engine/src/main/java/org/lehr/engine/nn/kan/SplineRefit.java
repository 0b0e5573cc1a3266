package org.lehr.engine.nn.kan;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.lehr.engine.tensor.Tensor;

/// Splines carried over to other knots, in float64.
///
/// @param samples `[m, in]`, where old and new curves shall agree
record SplineRefit(SplineBasis basis, Tensor samples) {

    /// How far knots reach beyond the samples, as a share of their range.
    private static final double MARGIN = 0.01;

    /// `→ [in, g + 2·order + 1]`
    Tensor knots(int intervals, double uniform) {
        int in = (int) samples.extent(1);
        int rows = (int) samples.extent(0);
        double[] columns = samples.transpose(0, 1).contiguous().toDoubleArray();
        double[][] all = new double[in][];
        for (int i = 0; i < in; i++) {
            double[] sorted = Arrays.copyOfRange(columns, i * rows, (i + 1) * rows);
            Arrays.sort(sorted);
            double margin = MARGIN * Math.max(sorted[rows - 1] - sorted[0], Float.MIN_NORMAL);
            double low = sorted[0] - margin;
            double high = sorted[rows - 1] + margin;
            double[] inner = new double[intervals + 1];
            for (int k = 0; k <= intervals; k++) {
                double even = low + (high - low) * k / intervals;
                double quantile =
                        k == 0 ? low : k == intervals ? high : sorted[(int) ((long) k * (rows - 1) / intervals)];
                inner[k] = uniform * even + (1 - uniform) * quantile;
            }
            all[i] = basis.knots(apart(inner));
        }
        return Tensor.of(Arrays.stream(all).flatMapToDouble(Arrays::stream).toArray(), in, all[0].length);
    }

    /// Knots that coincide (many equal samples) are moved up a little: the recursion divides by their distances.
    private static double[] apart(double... inner) {
        double least = 1e-6 * (inner[inner.length - 1] - inner[0]);
        for (int k = 1; k < inner.length; k++) {
            inner[k] = Math.max(inner[k], inner[k - 1] + least);
        }
        return inner;
    }

    /// `weights [out, in, terms], old knots, new knots → [out, in, new terms]`
    Tensor weights(Tensor weights, Tensor before, Tensor after) {
        int out = (int) weights.extent(0);
        int in = (int) weights.extent(1);
        Tensor old = basis.of(samples, before);
        Tensor fresh = basis.of(samples, after);
        int terms = (int) fresh.extent(2);
        double[] result = new double[out * in * terms];
        for (int i = 0; i < in; i++) {
            RealMatrix curves = matrix(column(old, i))
                    .multiply(matrix(weights.slice(1, i, i + 1).squeeze(1)).transpose());
            RealMatrix found = new SingularValueDecomposition(matrix(column(fresh, i)))
                    .getSolver()
                    .solve(curves);
            for (int o = 0; o < out; o++) {
                for (int k = 0; k < terms; k++) {
                    result[(o * in + i) * terms + k] = found.getEntry(k, o);
                }
            }
        }
        return Tensor.of(result, out, in, terms);
    }

    /// `[m, in, terms] → [m, terms]` of feature `i`.
    private static Tensor column(Tensor values, int i) {
        return values.slice(1, i, i + 1).squeeze(1);
    }

    private static RealMatrix matrix(Tensor values) {
        int columns = (int) values.extent(1);
        double[] flat = values.contiguous().toDoubleArray();
        double[][] rows = new double[(int) values.extent(0)][];
        for (int r = 0; r < rows.length; r++) {
            rows[r] = Arrays.copyOfRange(flat, r * columns, (r + 1) * columns);
        }
        return new Array2DRowRealMatrix(rows, false);
    }
}
