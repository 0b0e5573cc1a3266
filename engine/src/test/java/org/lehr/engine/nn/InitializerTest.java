package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Moments are compared within five standard errors of the sample, bounds exactly.
final class InitializerTest {

    private static final Shape SHAPE = Shape.of(101, 53);

    private static double[] draw(Initializer initializer) {
        return initializer.make(DType.FLOAT32, SHAPE, new RandomStream(17)).toDoubleArray();
    }

    /// @param kurtosis fourth moment over squared variance: 3 for normal, 1.8 for uniform numbers
    private static void assertMoments(double[] values, double deviation, double kurtosis) {
        int n = values.length;
        double mean = Arrays.stream(values).sum() / n;
        double variance = Arrays.stream(values).map(v -> v * v).sum() / n;
        assertEquals(0, mean, 5 * deviation / Math.sqrt(n));
        assertEquals(deviation * deviation, variance, 5 * deviation * deviation * Math.sqrt((kurtosis - 1) / n));
    }

    private static void assertWithin(double[] values, double bound) {
        double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
        assertTrue(largest <= bound * (1 + 1e-6) && largest > 0.99 * bound, largest + " for " + bound);
    }

    @Test
    void normalsHaveTheirDeviation() {
        assertMoments(draw(Initializer.normal(0.3)), 0.3, 3);
        assertMoments(draw(Initializer.heNormal()), Math.sqrt(2.0 / 53), 3);
    }

    @Test
    void uniformsHaveTheirBounds() {
        double xavier = Math.sqrt(6.0 / (101 + 53));
        assertWithin(draw(Initializer.uniform(0.7)), 0.7);
        assertWithin(draw(Initializer.xavierUniform()), xavier);
        assertWithin(draw(Initializer.fanInUniform()), 1 / Math.sqrt(53));
        assertMoments(draw(Initializer.xavierUniform()), xavier / Math.sqrt(3), 1.8);
    }

    @Test
    void theOtherMembersOfBothFamilies() {
        assertMoments(draw(Initializer.xavierNormal()), Math.sqrt(2.0 / (101 + 53)), 3);
        assertWithin(draw(Initializer.heUniform()), Math.sqrt(6.0 / 53));
    }

    @Test
    void spectraAreThoseAskedFor() {
        Shape shape = Shape.of(7, 5);
        double[] low = singularValues(Initializer.lowRank(2, 3).make(DType.FLOAT64, shape, new RandomStream(3)));
        assertEquals(3, Math.sqrt(Arrays.stream(low).map(v -> v * v).sum()), 1e-12);
        assertTrue(low[1] > 0.1 && low[2] < 1e-12, Arrays.toString(low));
        double[] chosen = singularValues(Initializer.spectrum(5, 2).make(DType.FLOAT64, shape, new RandomStream(3)));
        assertArrayEquals(new double[] {5, 2, 0, 0, 0}, chosen, 1e-12);
        assertThrows(
                IllegalArgumentException.class,
                () -> Initializer.spectrum(1, 2, 3).make(DType.FLOAT64, Shape.of(2, 2), new RandomStream(3)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Initializer.lowRank(0, 1).make(DType.FLOAT64, shape, new RandomStream(3)));
    }

    private static double[] singularValues(Tensor matrix) {
        int columns = (int) matrix.extent(1);
        double[] flat = matrix.toDoubleArray();
        double[][] rows = new double[(int) matrix.extent(0)][];
        for (int r = 0; r < rows.length; r++) {
            rows[r] = Arrays.copyOfRange(flat, r * columns, (r + 1) * columns);
        }
        return new SingularValueDecomposition(new Array2DRowRealMatrix(rows)).getSingularValues();
    }

    @Test
    void truncatedNormalsEndAtTwoDeviations() {
        double[] values = draw(Initializer.truncatedNormal(0.3));
        assertTrue(Arrays.stream(values).allMatch(v -> Math.abs(v) <= 0.6 + 1e-7));
        // Of a normal number within ±2: variance 1 − 4φ(2)/(2Φ(2) − 1) = 0.77374.
        assertMoments(values, 0.3 * Math.sqrt(0.77374), 2.4);
    }

    @Test
    void constantsAreConstant() {
        assertTrue(Arrays.stream(draw(Initializer.constant(0.25))).allMatch(v -> v == 0.25));
    }

    @Test
    void orthogonalMatricesKeepLengths() {
        for (long[] extents : new long[][] {{5, 7}, {7, 5}, {3, 2, 2}, {1, 1}}) {
            Tensor made = Initializer.orthogonal(2).make(DType.FLOAT64, Shape.of(extents), new RandomStream(3));
            assertArrayEquals(extents, made.shape().toArray());
            Tensor matrix = made.reshape(extents[0], made.size() / extents[0]);
            Tensor turned = matrix.transpose(0, 1);
            boolean tall = matrix.extent(0) > matrix.extent(1);
            Tensor product = tall ? turned.matmul(matrix) : matrix.matmul(turned);
            double[] values = product.toDoubleArray();
            int n = (int) product.extent(0);
            for (int i = 0; i < values.length; i++) {
                assertEquals(i / n == i % n ? 4 : 0, values[i], 1e-13);
            }
        }
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Initializer.orthogonal(1).make(DType.FLOAT32, Shape.of(3), new RandomStream(3)))
                .getMessage();
        assertTrue(message.contains("[3]"), message);
    }

    @Test
    void theSameStreamGivesTheSameBits() {
        for (Initializer initializer : new Initializer[] {
            Initializer.normal(1), Initializer.truncatedNormal(1), Initializer.uniform(1), Initializer.orthogonal(1)
        }) {
            assertArrayEquals(draw(initializer), draw(initializer));
        }
    }
}
