package org.lehr.kernels.normalization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lehr.kernels.Arrays64.assertClose;
import static org.lehr.kernels.Arrays64.empty;
import static org.lehr.kernels.Arrays64.epsilon;
import static org.lehr.kernels.Arrays64.random;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.view;
import static org.lehr.kernels.Arrays64.withAnyThreads;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

@Tag("widths")
class CpuNormalizationTest {

    private static final double EPSILON = 1e-5;

    private final CpuNormalization kernels = new CpuNormalization();

    private static DType statistics(DType dtype) {
        return dtype == DType.BFLOAT16 ? DType.FLOAT32 : dtype;
    }

    private static double tolerance(DType dtype, int length) {
        return dtype == DType.FLOAT64 ? 1e-12 : epsilon(dtype) + epsilon(DType.FLOAT32) * (8 + 4 * Math.sqrt(length));
    }

    /// `y`, mean and reciprocal deviation of each row, from the formula.
    private static double[][] layerNormOracle(double[] x, double[] weight, double[] bias, int rows, int n) {
        double[] y = new double[x.length];
        double[] mean = new double[rows];
        double[] rstd = new double[rows];
        for (int r = 0; r < rows; r++) {
            double[] row = Arrays.copyOfRange(x, r * n, (r + 1) * n);
            mean[r] = n == 0 ? 0 : Arrays.stream(row).sum() / n;
            double center = mean[r];
            double variance = n == 0
                    ? 0
                    : Arrays.stream(row).map(v -> (v - center) * (v - center)).sum() / n;
            rstd[r] = 1 / Math.sqrt(variance + EPSILON);
            for (int j = 0; j < n; j++) {
                y[r * n + j] = (row[j] - center) * rstd[r] * weight[j] + bias[j];
            }
        }
        return new double[][] {y, mean, rstd};
    }

    private static double[] rmsNormOracle(double[] x, double[] weight, int rows, int n) {
        double[] y = new double[x.length];
        for (int r = 0; r < rows; r++) {
            double squares = 0;
            for (int j = 0; j < n; j++) {
                squares += x[r * n + j] * x[r * n + j] / n;
            }
            for (int j = 0; j < n; j++) {
                y[r * n + j] = x[r * n + j] / Math.sqrt(squares + EPSILON) * weight[j];
            }
        }
        return y;
    }

    private static double[] filled(int n, double value) {
        double[] values = new double[n];
        Arrays.fill(values, value);
        return values;
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 7, 131, true", "FLOAT32, 3, 5, false", "FLOAT32, 0, 5, true", "FLOAT32, 5, 0, true",
        "FLOAT32, 1009, 37, true", "FLOAT32, 2, 4099, true", "FLOAT32, 1, 1, true", "FLOAT32, 2503, 1, true",
        "FLOAT64, 7, 131, true", "FLOAT64, 1009, 37, false", "BFLOAT16, 211, 131, true", "BFLOAT16, 5, 17, false"
    })
    void layerNormFollowsTheFormula(DType dtype, int rows, int n, boolean affine) {
        View x = random(dtype, 1, rows, n);
        View weight = affine ? random(dtype, 2, n) : null;
        View bias = affine ? random(dtype, 3, n) : null;
        View y = empty(dtype, rows, n);
        View mean = empty(statistics(dtype), rows);
        View rstd = empty(statistics(dtype), rows);
        double[] result = withAnyThreads(() -> {
            kernels.layerNorm(y, mean, rstd, x, weight, bias, EPSILON);
            return values(y);
        });
        double[][] expected = layerNormOracle(
                values(x), affine ? values(weight) : filled(n, 1), affine ? values(bias) : filled(n, 0), rows, n);
        assertClose(expected[0], result, tolerance(dtype, n));
        assertClose(expected[1], values(mean), tolerance(statistics(dtype), n));
        assertClose(expected[2], values(rstd), tolerance(statistics(dtype), n) * 4);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 7, 131, true", "FLOAT32, 3, 5, false", "FLOAT32, 0, 5, true", "FLOAT32, 5, 0, true",
        "FLOAT32, 1009, 37, true", "FLOAT32, 2, 4099, true", "FLOAT32, 1, 1, true", "FLOAT32, 2503, 1, true",
        "FLOAT64, 7, 131, true", "FLOAT64, 1009, 37, false", "BFLOAT16, 211, 131, true", "BFLOAT16, 5, 17, false"
    })
    void rmsNormFollowsTheFormula(DType dtype, int rows, int n, boolean weighted) {
        View x = random(dtype, 1, rows, n);
        View weight = weighted ? random(dtype, 2, n) : null;
        View y = empty(dtype, rows, n);
        View rstd = empty(statistics(dtype), rows);
        double[] result = withAnyThreads(() -> {
            kernels.rmsNorm(y, rstd, x, weight, EPSILON);
            return values(y);
        });
        assertClose(
                rmsNormOracle(values(x), weighted ? values(weight) : filled(n, 1), rows, n),
                result,
                tolerance(dtype, n));
    }

    /// All of `dx`, `dWeight`, `dBias` one after the other.
    private double[] layerNormGradient(View dy, View x, View weight, View mean, View rstd) {
        int rows = (int) x.shape()[0];
        int n = (int) x.shape()[1];
        View dx = empty(x.dtype(), rows, n);
        View dWeight = empty(x.dtype(), n);
        View dBias = empty(x.dtype(), n);
        kernels.layerNormBackward(dx, dWeight, dBias, dy, x, mean, rstd, weight);
        return join(values(dx), values(dWeight), values(dBias));
    }

    private static double[] join(double[]... parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] centralDifferences(double[] at, ToDoubleFunction<double[]> function) {
        double[] slopes = new double[at.length];
        double step = 1e-5;
        for (int i = 0; i < at.length; i++) {
            double[] moved = at.clone();
            moved[i] = at[i] + step;
            double above = function.applyAsDouble(moved);
            moved[i] = at[i] - step;
            slopes[i] = (above - function.applyAsDouble(moved)) / (2 * step);
        }
        return slopes;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Test
    void layerNormGradientMatchesCentralDifferences() {
        int rows = 5;
        int n = 7;
        double[] x = values(random(DType.FLOAT64, 1, rows, n));
        double[] weight = values(random(DType.FLOAT64, 2, n));
        double[] bias = values(random(DType.FLOAT64, 3, n));
        double[] dy = values(random(DType.FLOAT64, 4, rows, n));
        double[] expected = join(
                centralDifferences(x, v -> dot(dy, layerNormOracle(v, weight, bias, rows, n)[0])),
                centralDifferences(weight, v -> dot(dy, layerNormOracle(x, v, bias, rows, n)[0])),
                centralDifferences(bias, v -> dot(dy, layerNormOracle(x, weight, v, rows, n)[0])));
        double[][] forward = layerNormOracle(x, weight, bias, rows, n);
        double[] actual = layerNormGradient(
                view(DType.FLOAT64, dy, rows, n),
                view(DType.FLOAT64, x, rows, n),
                view(DType.FLOAT64, weight, n),
                view(DType.FLOAT64, forward[1], rows),
                view(DType.FLOAT64, forward[2], rows));
        assertClose(expected, actual, 1e-7);
    }

    @Test
    void rmsNormGradientMatchesCentralDifferences() {
        int rows = 5;
        int n = 7;
        View x = random(DType.FLOAT64, 1, rows, n);
        View weight = random(DType.FLOAT64, 2, n);
        View dy = random(DType.FLOAT64, 4, rows, n);
        View y = empty(DType.FLOAT64, rows, n);
        View rstd = empty(DType.FLOAT64, rows);
        View dx = empty(DType.FLOAT64, rows, n);
        View dWeight = empty(DType.FLOAT64, n);
        kernels.rmsNorm(y, rstd, x, weight, EPSILON);
        kernels.rmsNormBackward(dx, dWeight, dy, x, rstd, weight);
        double[] expected = join(
                centralDifferences(values(x), v -> dot(values(dy), rmsNormOracle(v, values(weight), rows, n))),
                centralDifferences(values(weight), v -> dot(values(dy), rmsNormOracle(values(x), v, rows, n))));
        assertClose(expected, join(values(dx), values(dWeight)), 1e-7);
    }

    /// Compares with the same kernel in float64, which the tests above hold to the formula.
    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 7, 131, true", "FLOAT32, 0, 5, true", "FLOAT32, 5, 0, true", "FLOAT32, 1009, 37, false",
        "FLOAT32, 3, 4099, true", "FLOAT32, 2503, 1, true", "FLOAT32, 97, 16, true", "BFLOAT16, 211, 131, true"
    })
    void gradientsMatchFloat64(DType dtype, int rows, int n, boolean weighted) {
        View x = random(dtype, 1, rows, n);
        View weight = weighted ? random(dtype, 2, n) : null;
        View dy = random(dtype, 3, rows, n);
        View mean = empty(statistics(dtype), rows);
        View rstd = empty(statistics(dtype), rows);
        kernels.layerNorm(empty(dtype, rows, n), mean, rstd, x, weight, null, EPSILON);
        double[] layer = withAnyThreads(() -> layerNormGradient(dy, x, weight, mean, rstd));
        double[] rootMeanSquare = withAnyThreads(() -> rmsNormGradient(dy, x, weight));
        View wideX = wide(x);
        View wideWeight = weighted ? wide(weight) : null;
        double[] expectedLayer = layerNormGradient(wide(dy), wideX, wideWeight, wide(mean), wide(rstd));
        // sums over rows grow with their number, and so do their errors
        double tolerance = tolerance(dtype, n) + epsilon(DType.FLOAT32) * 16 * Math.sqrt(rows);
        assertClose(expectedLayer, layer, tolerance * 4);
        assertClose(rmsNormGradient(wide(dy), wideX, wideWeight), rootMeanSquare, tolerance * 4);
    }

    private double[] rmsNormGradient(View dy, View x, View weight) {
        long rows = x.shape()[0];
        long n = x.shape()[1];
        View rstd = empty(statistics(x.dtype()), rows);
        View dx = empty(x.dtype(), rows, n);
        View dWeight = empty(x.dtype(), n);
        kernels.rmsNorm(empty(x.dtype(), rows, n), rstd, x, weight, EPSILON);
        kernels.rmsNormBackward(dx, dWeight, dy, x, rstd, weight);
        return join(values(dx), values(dWeight));
    }

    private static View wide(View view) {
        return view(DType.FLOAT64, values(view), view.shape());
    }

    @Test
    void gradientsOfParametersAreOptional() {
        View x = random(DType.FLOAT32, 1, 11, 23);
        View dy = random(DType.FLOAT32, 2, 11, 23);
        View mean = empty(DType.FLOAT32, 11);
        View rstd = empty(DType.FLOAT32, 11);
        View all = empty(DType.FLOAT32, 11, 23);
        View alone = empty(DType.FLOAT32, 11, 23);
        View dBias = empty(DType.FLOAT32, 23);
        kernels.layerNorm(all, mean, rstd, x, null, null, EPSILON);
        kernels.layerNormBackward(all, null, dBias, dy, x, mean, rstd, null);
        kernels.layerNormBackward(alone, null, null, dy, x, mean, rstd, null);
        assertClose(values(all), values(alone), 0);
        double sum = 0;
        for (int r = 0; r < 11; r++) {
            sum += values(dy)[r * 23 + 22];
        }
        assertEquals(sum, values(dBias)[22], 1e-5);
        kernels.rmsNorm(all, rstd, x, null, EPSILON);
        kernels.rmsNormBackward(alone, null, dy, x, rstd, null);
        assertEquals(0, dot(values(alone), values(x)), 1e-3);
    }

    /// Far from zero and nearly constant: the sum of squares would cancel, the squared deviations do not.
    @Test
    void largeMeansDoNotCancel() {
        int n = 257;
        double[] x = new double[n];
        for (int j = 0; j < n; j++) {
            x[j] = 4096 + j % 2;
        }
        View y = empty(DType.FLOAT32, 1, n);
        View mean = empty(DType.FLOAT32, 1);
        View rstd = empty(DType.FLOAT32, 1);
        kernels.layerNorm(y, mean, rstd, view(DType.FLOAT32, x, 1, n), null, null, 0);
        double[] expected = layerNormOracle(x, filled(n, 1), filled(n, 0), 1, n)[0];
        assertClose(expected, values(y), 2e-3);
    }

    @Test
    void aNanStaysInItsRow() {
        int n = 19;
        double[] x = values(random(DType.FLOAT32, 1, 3, n));
        x[n + 18] = Double.NaN;
        View y = empty(DType.FLOAT32, 3, n);
        kernels.layerNorm(
                y, empty(DType.FLOAT32, 3), empty(DType.FLOAT32, 3), view(DType.FLOAT32, x, 3, n), null, null, EPSILON);
        double[] result = values(y);
        for (int i = 0; i < 3 * n; i++) {
            assertEquals(i / n == 1, Double.isNaN(result[i]), "element " + i);
        }
    }

    @Test
    void otherDimensionsAreRefused() {
        View x = random(DType.FLOAT32, 1, 6);
        View rows = empty(DType.FLOAT32, 6);
        assertThrows(IllegalArgumentException.class, () -> kernels.rmsNorm(x, rows, x, null, EPSILON));
    }
}
