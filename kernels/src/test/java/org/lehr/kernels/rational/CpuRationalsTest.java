package org.lehr.kernels.rational;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lehr.kernels.Arrays64.assertClose;
import static org.lehr.kernels.Arrays64.empty;
import static org.lehr.kernels.Arrays64.epsilon;
import static org.lehr.kernels.Arrays64.random;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.withAnyThreads;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

@Tag("widths")
class CpuRationalsTest {

    private final CpuRationals kernels = new CpuRationals();

    /// `P`, `S` and their derivatives at `x`, by powers.
    private static double[] parts(double x, double[] a, double[] b) {
        double[] parts = new double[4];
        for (int k = 0; k < a.length; k++) {
            parts[0] += a[k] * Math.pow(x, k);
            parts[1] += k == 0 ? 0 : k * a[k] * Math.pow(x, k - 1);
        }
        for (int k = 1; k <= b.length; k++) {
            parts[2] += b[k - 1] * Math.pow(x, k);
            parts[3] += k * b[k - 1] * Math.pow(x, k - 1);
        }
        return parts;
    }

    private static double[] row(double[] matrix, int columns, int row) {
        return Arrays.copyOfRange(matrix, row * columns, (row + 1) * columns);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 7, 3, 37, 6, 4", "FLOAT32, 131, 2, 64, 6, 4", "FLOAT32, 67, 1, 1, 6, 4", "FLOAT32, 0, 2, 8, 6, 4",
        "FLOAT32, 5, 2, 0, 6, 4", "FLOAT32, 37, 3, 17, 3, 2", "FLOAT64, 67, 3, 17, 6, 4", "FLOAT64, 3, 2, 5, 1, 0",
        "BFLOAT16, 7, 2, 19, 6, 4"
    })
    void valuesAndGradientsFollowTheFormula(DType dtype, int rows, int groups, int share, int p, int q) {
        int width = groups * share;
        View x = random(dtype, 1, rows, width);
        View dy = random(dtype, 2, rows, width);
        View a = random(dtype, 3, groups, p);
        View b = random(dtype, 4, groups, q);
        double[] y = new double[rows * width];
        double[] dx = new double[rows * width];
        double[] da = new double[groups * p];
        double[] db = new double[groups * q];
        for (int i = 0; i < y.length; i++) {
            int g = i % width / share;
            double at = values(x)[i];
            double slope = values(dy)[i];
            double[] parts = parts(at, row(values(a), p, g), row(values(b), q, g));
            double bottom = 1 + Math.abs(parts[2]);
            double turned = -parts[0] * Math.signum(parts[2]) / (bottom * bottom);
            y[i] = parts[0] / bottom;
            dx[i] = slope * (parts[1] / bottom + turned * parts[3]);
            for (int k = 0; k < p; k++) {
                da[g * p + k] += slope * Math.pow(at, k) / bottom;
            }
            for (int k = 0; k < q; k++) {
                db[g * q + k] += slope * turned * Math.pow(at, k + 1);
            }
        }
        double tolerance = dtype == DType.FLOAT64 ? 1e-12 : epsilon(dtype) + 200 * epsilon(DType.FLOAT32);
        double[] found = withAnyThreads(() -> {
            View result = empty(dtype, rows, width);
            kernels.rational(result, x, a, b);
            return values(result);
        });
        assertClose(y, found, tolerance);
        double[] gradients = withAnyThreads(() -> {
            View dxOut = empty(dtype, rows, width);
            View daOut = empty(dtype, groups, p);
            View dbOut = empty(dtype, groups, q);
            kernels.rationalBackward(dxOut, daOut, dbOut, dy, x, a, b);
            return Stream.of(dxOut, daOut, dbOut)
                    .flatMapToDouble(view -> Arrays.stream(values(view)))
                    .toArray();
        });
        double[] expected =
                Stream.of(dx, da, db).flatMapToDouble(Arrays::stream).toArray();
        assertClose(expected, gradients, tolerance * Math.max(1, Math.sqrt(rows * (double) share)));
    }

    @Test
    void sizesThatDoNotGoTogetherAreRefused() {
        View x = random(DType.FLOAT32, 1, 3, 5);
        View a = random(DType.FLOAT32, 1, 2, 6);
        View b = random(DType.FLOAT32, 1, 2, 4);
        assertThrows(IllegalArgumentException.class, () -> kernels.rational(x, x, a, b));
    }
}
