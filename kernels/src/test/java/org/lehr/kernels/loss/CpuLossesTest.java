package org.lehr.kernels.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.kernels.Arrays64.assertClose;
import static org.lehr.kernels.Arrays64.copy;
import static org.lehr.kernels.Arrays64.empty;
import static org.lehr.kernels.Arrays64.epsilon;
import static org.lehr.kernels.Arrays64.random;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.view;
import static org.lehr.kernels.Arrays64.withAnyThreads;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.LossKernels.CrossEntropy;
import org.lehr.kernels.View;

@Tag("widths")
class CpuLossesTest {

    private static final long IGNORED = -100;
    private static final CrossEntropy PLAIN = new CrossEntropy(0, IGNORED, 0);

    private final CpuLosses kernels = new CpuLosses();

    private static DType statistics(DType dtype) {
        return dtype == DType.BFLOAT16 ? DType.FLOAT32 : dtype;
    }

    /// Classes, about one in four of them ignored.
    private static double[] labels(int rows, int n) {
        Random random = new Random(rows);
        double[] labels = new double[rows];
        for (int r = 0; r < rows; r++) {
            labels[r] = random.nextInt(4) == 0 ? IGNORED : random.nextInt(n);
        }
        return labels;
    }

    /// The target's probabilities, smoothed; null where a row is ignored.
    private static double[][] targets(double[] given, boolean soft, int rows, int n, double smoothing) {
        double[][] targets = new double[rows][];
        for (int r = 0; r < rows; r++) {
            if (!soft && given[r] == IGNORED) {
                continue;
            }
            targets[r] = new double[n];
            for (int j = 0; j < n; j++) {
                double hard = soft ? given[r * n + j] : given[r] == j ? 1 : 0;
                targets[r][j] = (1 - smoothing) * hard + smoothing / n;
            }
        }
        return targets;
    }

    private static double logSumExp(double[] row) {
        double max = Arrays.stream(row).max().orElseThrow();
        return max + Math.log(Arrays.stream(row).map(v -> Math.exp(v - max)).sum());
    }

    private static double[] lossOracle(double[] x, double[][] targets, int n, double zLoss) {
        double[] loss = new double[targets.length];
        for (int r = 0; r < loss.length; r++) {
            if (targets[r] == null) {
                continue;
            }
            double[] row = Arrays.copyOfRange(x, r * n, (r + 1) * n);
            double logSum = logSumExp(row);
            loss[r] = zLoss * logSum * logSum;
            for (int j = 0; j < n; j++) {
                loss[r] -= targets[r][j] == 0 ? 0 : targets[r][j] * Math.log(Math.exp(row[j] - logSum));
            }
        }
        return loss;
    }

    private static double[] centralDifferences(double[] x, double[][] targets, double[] dLoss, int n, double zLoss) {
        double[] slopes = new double[x.length];
        double step = 1e-5;
        for (int i = 0; i < x.length; i++) {
            int r = i / n;
            double[] row = Arrays.copyOfRange(x, r * n, (r + 1) * n);
            double[][] target = {targets[r]};
            row[i % n] += step;
            double above = lossOracle(row, target, n, zLoss)[0];
            row[i % n] -= 2 * step;
            slopes[i] = dLoss[r] * (above - lossOracle(row, target, n, zLoss)[0]) / (2 * step);
        }
        return slopes;
    }

    private static View targetView(DType dtype, boolean soft, int rows, int n) {
        if (!soft) {
            return view(DType.INT64, labels(rows, n), rows);
        }
        double[] weights = values(random(DType.FLOAT64, 5, rows, n));
        for (int i = 0; i < weights.length; i++) {
            // not normalised, and some exactly zero
            weights[i] = i % 3 == 0 ? 0 : Math.abs(weights[i]) / n;
        }
        return view(dtype, weights, rows, n);
    }

    private static View logits(DType dtype, int rows, int n) {
        double[] x = Arrays.stream(values(random(DType.FLOAT64, 1, rows, n)))
                .map(v -> 4 * v)
                .toArray();
        return view(dtype, x, rows, n);
    }

    private double[] loss(View x, View targets, CrossEntropy form) {
        View loss = empty(statistics(x.dtype()), x.shape()[0]);
        View logSum = empty(statistics(x.dtype()), x.shape()[0]);
        kernels.crossEntropy(loss, logSum, x, targets, form);
        return join(values(loss), values(logSum));
    }

    private double[] gradient(View dLoss, View x, View targets, CrossEntropy form) {
        View loss = empty(statistics(x.dtype()), x.shape()[0]);
        View logSum = empty(statistics(x.dtype()), x.shape()[0]);
        View dx = empty(x.dtype(), x.shape());
        kernels.crossEntropy(loss, logSum, x, targets, form);
        kernels.crossEntropyBackward(dx, dLoss, x, logSum, targets, form);
        View inPlace = copy(x);
        kernels.crossEntropyBackward(inPlace, dLoss, inPlace, logSum, targets, form);
        assertArrayEquals(values(dx), values(inPlace));
        return values(dx);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 67, 131, false, 0, 0", "FLOAT32, 67, 131, false, 0.1, 1e-2", "FLOAT32, 67, 131, true, 0.1, 0",
        "FLOAT32, 1009, 1, false, 0.1, 0", "FLOAT32, 3, 50257, false, 0, 0", "FLOAT32, 0, 5, false, 0, 0",
        "FLOAT32, 37, 16, false, 0, 1e-2", "FLOAT64, 211, 131, false, 0.1, 1e-2", "BFLOAT16, 211, 131, false, 0.1, 0"
    })
    void bothAtOnceAreTheSame(DType dtype, int rows, int n, boolean soft, double smoothing, double zLoss) {
        CrossEntropy form = new CrossEntropy(smoothing, IGNORED, zLoss);
        View x = logits(dtype, rows, n);
        View targets = targetView(dtype, soft, rows, n);
        double[] slopes = new double[rows];
        Arrays.fill(slopes, 0.25);
        View dLoss = view(statistics(dtype), slopes, rows);
        double[] expected = join(loss(x, targets, form), gradient(dLoss, x, targets, form));
        double[] both = withAnyThreads(() -> {
            View loss = empty(statistics(dtype), rows);
            View logSum = empty(statistics(dtype), rows);
            View dx = empty(dtype, rows, n);
            kernels.crossEntropyWithGradient(loss, logSum, dx, 0.25, x, targets, form);
            return join(values(loss), values(logSum), values(dx));
        });
        assertClose(expected, both, 32 * epsilon(dtype));
    }

    /// A long row whose maximum stands behind pieces of far smaller values, of nothing but −∞, or of NaN.
    @ParameterizedTest
    @ValueSource(floats = {-900, Float.NEGATIVE_INFINITY, Float.NaN})
    void theGradientOfALongRowKnowsItsMaximum(float begin) {
        int n = 9973;
        double[] x = new double[n];
        Arrays.fill(x, -700);
        Arrays.fill(x, 0, 5000, begin);
        x[n - 1] = -699;
        View logits = view(DType.FLOAT32, x, 1, n);
        View targets = view(DType.INT64, new double[] {n - 2}, 1);
        CrossEntropy form = new CrossEntropy(0, IGNORED, 0);
        View loss = empty(DType.FLOAT32, 1);
        View logSum = empty(DType.FLOAT32, 1);
        View dx = empty(DType.FLOAT32, 1, n);
        kernels.crossEntropyWithGradient(loss, logSum, dx, 1, logits, targets, form);
        double sum = n - 5001 + Math.E;
        double[] expected = new double[n];
        Arrays.fill(expected, 5000, n, 1 / sum);
        expected[n - 1] = Math.E / sum;
        expected[n - 2] -= 1;
        if (Float.isNaN(begin)) {
            Arrays.fill(expected, Double.NaN);
        }
        assertArrayEquals(expected, values(dx), 1e-6);
        assertEquals(Float.isNaN(begin) ? Double.NaN : Math.log(sum), values(loss)[0], 1e-4);
    }

    private static double[] join(double[]... parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 67, 131, false, 0, 0", "FLOAT32, 67, 131, false, 0.1, 1e-2", "FLOAT32, 67, 131, true, 0, 0",
        "FLOAT32, 67, 131, true, 0.1, 1e-2", "FLOAT32, 1009, 1, false, 0.1, 0", "FLOAT32, 1009, 3, true, 0, 1e-2",
        "FLOAT32, 3, 50257, false, 0, 0", "FLOAT32, 3, 9973, true, 0.1, 0", "FLOAT32, 0, 5, false, 0, 0",
        "FLOAT32, 37, 16, false, 0, 1e-2", "FLOAT64, 211, 131, false, 0.1, 1e-2", "FLOAT64, 211, 131, true, 0, 1e-2",
        "BFLOAT16, 211, 131, false, 0.1, 1e-2", "BFLOAT16, 211, 131, true, 0, 0"
    })
    void crossEntropyFollowsTheFormula(DType dtype, int rows, int n, boolean soft, double smoothing, double zLoss) {
        CrossEntropy form = new CrossEntropy(smoothing, IGNORED, zLoss);
        View x = logits(dtype, rows, n);
        View given = targetView(dtype, soft, rows, n);
        double[][] targets = targets(values(given), soft, rows, n, smoothing);
        double[] actual = withAnyThreads(() -> loss(x, given, form));
        double tolerance = epsilon(statistics(dtype)) * (16 + 4 * Math.sqrt(n));
        assertClose(lossOracle(values(x), targets, n, zLoss), Arrays.copyOf(actual, rows), tolerance);
        for (int r = 0; r < rows; r++) {
            double expected = targets[r] == null ? 0 : logSumExp(Arrays.copyOfRange(values(x), r * n, (r + 1) * n));
            assertEquals(expected, actual[rows + r], tolerance * (1 + Math.abs(expected)));
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 0, 0", "false, 0.1, 1e-2", "true, 0, 0", "true, 0.1, 1e-2"})
    void gradientMatchesCentralDifferences(boolean soft, double smoothing, double zLoss) {
        int rows = 7;
        int n = 11;
        View x = logits(DType.FLOAT64, rows, n);
        View given = targetView(DType.FLOAT64, soft, rows, n);
        View dLoss = random(DType.FLOAT64, 9, rows);
        double[] actual = gradient(dLoss, x, given, new CrossEntropy(smoothing, IGNORED, zLoss));
        double[][] targets = targets(values(given), soft, rows, n, smoothing);
        assertClose(centralDifferences(values(x), targets, values(dLoss), n, zLoss), actual, 1e-7);
    }

    /// Compares with the same kernel in float64, which the test above holds to the formula.
    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 67, 131, false, 0, 0", "FLOAT32, 67, 131, false, 0.1, 1e-2", "FLOAT32, 67, 131, true, 0.1, 1e-2",
        "FLOAT32, 1009, 1, false, 0.1, 0", "FLOAT32, 1009, 3, true, 0, 1e-2", "FLOAT32, 3, 50257, false, 0, 0",
        "FLOAT32, 0, 5, false, 0, 0", "BFLOAT16, 211, 131, false, 0.1, 1e-2", "BFLOAT16, 211, 131, true, 0, 0"
    })
    void gradientsMatchFloat64(DType dtype, int rows, int n, boolean soft, double smoothing, double zLoss) {
        CrossEntropy form = new CrossEntropy(smoothing, IGNORED, zLoss);
        View x = logits(dtype, rows, n);
        View targets = targetView(dtype, soft, rows, n);
        View dLoss = random(statistics(dtype), 9, rows);
        double[] actual = withAnyThreads(() -> gradient(dLoss, x, targets, form));
        View wideTargets = soft ? view(DType.FLOAT64, values(targets), rows, n) : targets;
        double[] expected = gradient(
                view(DType.FLOAT64, values(dLoss), rows), view(DType.FLOAT64, values(x), rows, n), wideTargets, form);
        assertClose(expected, actual, epsilon(dtype) * 2 + epsilon(DType.FLOAT32) * (32 + 4 * Math.sqrt(n)));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 67})
    void nothingCountsWhenAllIsIgnored(int n) {
        View x = logits(DType.FLOAT32, 7, n);
        double[] labels = new double[7];
        Arrays.fill(labels, IGNORED);
        View targets = view(DType.INT64, labels, 7);
        CrossEntropy form = new CrossEntropy(0.1, IGNORED, 1);
        assertArrayEquals(new double[14], loss(x, targets, form));
        assertArrayEquals(new double[7 * n], gradient(random(DType.FLOAT32, 2, 7), x, targets, form));
    }

    @Test
    void theIgnoredClassMayBeAnOrdinaryOne() {
        View x = logits(DType.FLOAT32, 3, 5);
        double[] loss = loss(x, view(DType.INT64, new double[] {2, 1, 2}, 3), new CrossEntropy(0, 2, 0));
        assertEquals(0, loss[0]);
        assertTrue(loss[1] > 0);
        assertEquals(0, loss[2]);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32", "FLOAT64"})
    void maskedClassesHaveNoShare(DType dtype) {
        int n = 37;
        double[] x = values(logits(dtype, 2, n));
        double[] kept = x.clone();
        for (int j = 0; j < n; j += 2) {
            x[j] = Double.NEGATIVE_INFINITY;
        }
        View logits = view(dtype, x, 2, n);
        View dLoss = view(dtype, new double[] {1, 1}, 2);
        View hard = view(DType.INT64, new double[] {3, 4}, 2);
        double[] soft = new double[2 * n];
        soft[3] = 1;
        soft[n + 4] = 1;
        View probabilities = view(dtype, soft, 2, n);
        double[] slopes = gradient(dLoss, logits, hard, PLAIN);
        assertClose(slopes, gradient(dLoss, logits, probabilities, PLAIN), 1e-7);
        assertClose(loss(logits, hard, PLAIN), loss(logits, probabilities, PLAIN), 1e-6);
        for (int j = 0; j < n; j += 2) {
            assertEquals(0, slopes[j], 0, "element " + j);
        }
        double[] row = new double[n / 2];
        for (int j = 0; j < row.length; j++) {
            row[j] = kept[2 * j + 1];
        }
        assertEquals(logSumExp(row) - kept[3], loss(logits, hard, PLAIN)[0], 1e-5);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 0", "FLOAT32, 36", "FLOAT64, 0", "FLOAT64, 36"})
    void aNanStaysInItsRow(DType dtype, int place) {
        int n = 37;
        double[] x = values(logits(dtype, 3, n));
        x[n + place] = Double.NaN;
        View targets = view(DType.INT64, new double[] {3, 4, 5}, 3);
        double[] loss = loss(view(dtype, x, 3, n), targets, PLAIN);
        double[] slopes = gradient(view(dtype, new double[] {1, 1, 1}, 3), view(dtype, x, 3, n), targets, PLAIN);
        for (int r = 0; r < 3; r++) {
            assertEquals(r == 1, Double.isNaN(loss[r]), "loss " + r);
        }
        for (int i = 0; i < 3 * n; i++) {
            assertEquals(i / n == 1, Double.isNaN(slopes[i]), "element " + i);
        }
    }

    @Test
    void largeLogitsDoNotOverflow() {
        double[] x = {1e30, -1e30, 1e30, 88.9, 3e38, -3e38};
        double[] loss = loss(view(DType.FLOAT32, x, 2, 3), view(DType.INT64, new double[] {0, 1}, 2), PLAIN);
        assertEquals(Math.log(2), loss[0], 1e-6 * 1e30);
        assertEquals(0, loss[1]);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 5, 99})
    void classesOutsideAreRefusedBeforeAnythingIsWritten(int wrong) {
        View x = logits(DType.FLOAT32, 3, 5);
        View targets = view(DType.INT64, new double[] {IGNORED, 4, wrong}, 3);
        View out = random(DType.FLOAT32, 1, 3);
        double[] before = values(out);
        IndexOutOfBoundsException error =
                assertThrows(IndexOutOfBoundsException.class, () -> kernels.crossEntropy(out, out, x, targets, PLAIN));
        assertEquals(
                "crossEntropy: index 2 of 3 is " + wrong + ", expected at least 0 and less than 5, or -100",
                error.getMessage());
        assertThrows(
                IndexOutOfBoundsException.class, () -> kernels.crossEntropyBackward(x, out, x, out, targets, PLAIN));
        assertArrayEquals(before, values(out));
    }

    @Test
    void otherShapesAreRefused() {
        View x = logits(DType.FLOAT32, 3, 5);
        View out = empty(DType.FLOAT32, 3);
        View few = random(DType.FLOAT32, 2, 3, 4);
        assertThrows(IllegalArgumentException.class, () -> kernels.crossEntropy(out, out, x, few, PLAIN));
        assertThrows(IllegalArgumentException.class, () -> kernels.crossEntropy(out, out, out, few, PLAIN));
    }
}
