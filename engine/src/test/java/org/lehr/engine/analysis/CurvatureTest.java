package org.lehr.engine.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.DType;

final class CurvatureTest {

    private static final RandomStream RANDOM = new RandomStream(5);

    @Test
    void aQuadraticHasItsOwnCurvature() {
        double[] rates = {5, -3, 2, 0.5, 0.1};
        Parameter x = new Parameter(RANDOM.normal(DType.FLOAT64, 5));
        Curvature curvature = new Curvature(
                () -> x.value().square().mul(Tensor.of(rates)).sum().mul(0.5), List.of(x));
        assertArrayEquals(rates, curvature.product(1, 1, 1, 1, 1), 1e-12);
        assertArrayEquals(new double[] {5, 2, 0.5, 0.1, -3}, curvature.ritzValues(10, RANDOM.split("start")), 1e-9);
        // Signs cancel in the off-diagonal part, of which there is none: one sample is exact.
        assertEquals(4.6, curvature.trace(1, RANDOM.split("signs")), 1e-12);
        double[] expected = x.own().toDoubleArray();
        for (int i = 0; i < 5; i++) {
            expected[i] *= rates[i];
        }
        assertArrayEquals(expected, curvature.gradient(), 1e-12);
    }

    @Test
    void aNetworkHasThatOfItsDenseHessian() {
        Sequential net = new Sequential(
                new Linear(3, 4, true, RANDOM.split("a")),
                Sequential.of(Tensor::tanh),
                new Linear(4, 3, true, RANDOM.split("b")));
        net.convert(DType.FLOAT64);
        Tensor x = RANDOM.normal(DType.FLOAT64, 20, 3);
        Tensor targets = RANDOM.integers(3, 20);
        Curvature curvature = new Curvature(
                () -> CrossEntropy.crossEntropy(net.apply(x), targets),
                List.copyOf(net.parameters().values()));
        int n = curvature.size();
        double[][] dense = new double[n][];
        for (int i = 0; i < n; i++) {
            double[] axis = new double[n];
            axis[i] = 1;
            dense[i] = curvature.product(axis);
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                assertEquals(dense[i][j], dense[j][i], 1e-12);
            }
        }
        double[] all = new EigenDecomposition(new Array2DRowRealMatrix(dense)).getRealEigenvalues();
        Arrays.sort(all);
        assertEquals(all[n - 1], curvature.topEigenvalue(n, RANDOM.split("start")), 1e-9);
        double trace = Arrays.stream(all).sum();
        assertEquals(trace, curvature.trace(400, RANDOM.split("signs")), 0.05 * trace);
    }

    @Test
    void factorsOfTheRateStretchTheCoordinates() {
        double[] rates = {5, 2};
        Parameter x = new Parameter(Tensor.of(new double[] {1, -1}));
        Parameter y = new Parameter(Tensor.of(new double[] {3}));
        Curvature curvature = new Curvature(
                () -> x.value()
                        .square()
                        .mul(Tensor.of(rates))
                        .sum()
                        .add(y.value().square().sum())
                        .mul(0.5)
                        .add(x.value().sum().mul(y.value().sum())),
                List.of(x, y),
                List.of(4.0, 0.25));
        assertArrayEquals(new double[] {20, 0, 1}, curvature.product(1, 0, 0), 1e-12);
        assertArrayEquals(new double[] {1, 1, 0.25}, curvature.product(0, 0, 1), 1e-12);
        assertArrayEquals(new double[] {2 * (5 + 3), 2 * (-2 + 3), 0.5 * 3}, curvature.gradient(), 1e-12);
    }

    @Test
    void whatDivergedHasNoCurvature() {
        Parameter x = new Parameter(Tensor.of(new double[] {Double.NaN, 1}));
        Curvature curvature = new Curvature(() -> x.value().square().square().sum(), List.of(x));
        assertThrows(ArithmeticException.class, () -> curvature.topEigenvalue(2, RANDOM.split("start")));
    }

    @Test
    void refusalsNameTheValues() {
        Parameter x = new Parameter(Tensor.zeros(3));
        Curvature curvature = new Curvature(() -> x.value().square().sum(), List.of(x));
        assertThrows(IllegalArgumentException.class, () -> curvature.product(1, 2));
        assertThrows(IllegalArgumentException.class, () -> curvature.trace(0, RANDOM));
        assertThrows(IllegalArgumentException.class, () -> curvature.ritzValues(0, RANDOM));
        assertThrows(IllegalArgumentException.class, () -> new Curvature(Tensor::zeros, List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Curvature(Tensor::zeros, List.of(x), List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Curvature(Tensor::zeros, List.of(x), List.of(-1.0)));
    }
}
