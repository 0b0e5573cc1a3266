package org.lehr.engine.schedule.predict;

import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;

/// Regression of a number on another by a Gaussian process (Rasmussen, Williams 2006). Targets are standardised; the
/// length scale and the noise are those of a grid with the highest marginal likelihood.
public final class GaussianProcess {

    /// How alike the values at two places at the distance `d` (in length scales) are.
    public enum Kernel {
        /// `exp(−d²/2)`, for very smooth functions.
        RBF {
            @Override
            double at(double d) {
                return StrictMath.exp(-d * d / 2);
            }
        },
        /// `(1 + √5·d + 5d²/3)·exp(−√5·d)`, for functions with two derivatives.
        MATERN52 {
            @Override
            double at(double d) {
                double x = Math.sqrt(5) * d;
                return (1 + x + x * x / 3) * StrictMath.exp(-x);
            }
        };

        abstract double at(double d);
    }

    /// What is expected at a place.
    public record Prediction(double mean, double deviation) {}

    private static final List<Double> LENGTHS = List.of(0.1, 0.15, 0.25, 0.4, 0.6, 1.0, 1.5, 2.5);
    private static final List<Double> NOISES = List.of(1e-4, 1e-3, 1e-2, 0.1);

    private final Kernel kernel;
    private final double[] places;
    private final double mean;
    private final double scale;
    private final double length;
    private final CholeskyDecomposition factor;
    private final RealVector weights;

    private GaussianProcess(Kernel kernel, double[] places, double[] standard, double[] fit, double[] moments) {
        this.kernel = kernel;
        this.places = places;
        this.length = fit[0];
        this.mean = moments[0];
        this.scale = moments[1];
        this.factor = new CholeskyDecomposition(covariance(kernel, places, fit[0], fit[1]));
        this.weights = factor.getSolver().solve(new ArrayRealVector(standard));
    }

    /// Fits to values at places; at least one.
    public static GaussianProcess fit(Kernel kernel, double[] places, double[] values) {
        if (places.length != values.length || places.length == 0) {
            throw new IllegalArgumentException("gaussian process: expected as many values as places and at least one,"
                    + " got " + values.length + " and " + places.length);
        }
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        double mean = 0;
        for (int i = 0; i < places.length; i++) {
            if (!Double.isFinite(places[i]) || !Double.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "gaussian process: expected finite numbers, got " + values[i] + " at " + places[i]);
            }
            low = Math.min(low, places[i]);
            high = Math.max(high, places[i]);
            mean += values[i] / places.length;
        }
        double variance = 0;
        for (double value : values) {
            variance += (value - mean) * (value - mean) / values.length;
        }
        double scale = variance > 0 ? Math.sqrt(variance) : 1;
        double[] standard = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            standard[i] = (values[i] - mean) / scale;
        }
        double span = high > low ? high - low : 1;
        double[] best = null;
        double likelihood = Double.NEGATIVE_INFINITY;
        for (double share : LENGTHS) {
            for (double noise : NOISES) {
                double here = likelihood(kernel, places, standard, share * span, noise);
                if (here > likelihood || best == null) {
                    likelihood = here;
                    best = new double[] {share * span, noise};
                }
            }
        }
        return new GaussianProcess(kernel, places.clone(), standard, best, new double[] {mean, scale});
    }

    /// `−½yᵀK⁻¹y − Σ log Lᵢᵢ`, up to a constant.
    private static double likelihood(Kernel kernel, double[] places, double[] standard, double length, double noise) {
        CholeskyDecomposition factor = new CholeskyDecomposition(covariance(kernel, places, length, noise));
        RealVector y = new ArrayRealVector(standard);
        double sum = -0.5 * y.dotProduct(factor.getSolver().solve(y));
        for (int i = 0; i < standard.length; i++) {
            sum -= StrictMath.log(factor.getL().getEntry(i, i));
        }
        return sum;
    }

    private static RealMatrix covariance(Kernel kernel, double[] places, double length, double noise) {
        RealMatrix covariance = new Array2DRowRealMatrix(places.length, places.length);
        for (int i = 0; i < places.length; i++) {
            for (int j = 0; j < places.length; j++) {
                double d = Math.abs(places[i] - places[j]) / length;
                covariance.setEntry(i, j, kernel.at(d) + (i == j ? noise : 0));
            }
        }
        return covariance;
    }

    /// What is expected at `place`, without the noise of a measurement.
    public Prediction at(double place) {
        RealVector near = new ArrayRealVector(places.length);
        for (int i = 0; i < places.length; i++) {
            near.setEntry(i, kernel.at(Math.abs(place - places[i]) / length));
        }
        double variance = 1 - near.dotProduct(factor.getSolver().solve(near));
        return new Prediction(mean + scale * near.dotProduct(weights), scale * Math.sqrt(Math.max(0, variance)));
    }
}
