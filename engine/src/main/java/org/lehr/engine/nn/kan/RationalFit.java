package org.lehr.engine.nn.kan;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresBuilder;
import org.apache.commons.math3.fitting.leastsquares.LevenbergMarquardtOptimizer;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.util.Pair;

/// The rational function `P/(1 + |S|)` of degrees 5 over 4 that is closest to a function on `[−3, 3]`.
record RationalFit(double[] numerator, double[] denominator) {

    static final int NUMERATOR = 6;
    static final int DENOMINATOR = 4;

    private static final int POINTS = 401;
    private static final double RANGE = 3;
    private static final int ROUNDS = 5000;

    /// By least squares (Levenberg, Marquardt) from `x` itself, over a denominator that is near 1.
    static RationalFit of(DoubleUnaryOperator function) {
        double[] start = new double[NUMERATOR + DENOMINATOR];
        start[1] = 1;
        start[NUMERATOR + 1] = 0.1;
        double[] target = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            target[i] = function.applyAsDouble(place(i));
        }
        double[] best = new LevenbergMarquardtOptimizer()
                .optimize(new LeastSquaresBuilder()
                        .start(start)
                        .target(target)
                        .model(c -> model(c.toArray()))
                        .maxEvaluations(ROUNDS)
                        .maxIterations(ROUNDS)
                        .build())
                .getPoint()
                .toArray();
        return new RationalFit(
                Arrays.copyOf(best, NUMERATOR), Arrays.copyOfRange(best, NUMERATOR, NUMERATOR + DENOMINATOR));
    }

    private static double place(int i) {
        return RANGE * (2.0 * i / (POINTS - 1) - 1);
    }

    /// Values at all places and their derivatives by the coefficients.
    private static Pair<RealVector, RealMatrix> model(double... c) {
        double[] values = new double[POINTS];
        double[][] slopes = new double[POINTS][NUMERATOR + DENOMINATOR];
        for (int i = 0; i < POINTS; i++) {
            double x = place(i);
            double top = 0;
            for (int k = NUMERATOR - 1; k >= 0; k--) {
                top = top * x + c[k];
            }
            double inner = 0;
            for (int k = DENOMINATOR - 1; k >= 0; k--) {
                inner = (inner + c[NUMERATOR + k]) * x;
            }
            double bottom = 1 + Math.abs(inner);
            values[i] = top / bottom;
            for (int k = 0; k < NUMERATOR; k++) {
                slopes[i][k] = Math.pow(x, k) / bottom;
            }
            for (int k = 0; k < DENOMINATOR; k++) {
                slopes[i][NUMERATOR + k] = -top * Math.signum(inner) * Math.pow(x, k + 1) / (bottom * bottom);
            }
        }
        return new Pair<>(new ArrayRealVector(values), new Array2DRowRealMatrix(slopes));
    }
}
