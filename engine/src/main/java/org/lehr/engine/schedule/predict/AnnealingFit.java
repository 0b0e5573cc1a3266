package org.lehr.engine.schedule.predict;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresBuilder;
import org.apache.commons.math3.fitting.leastsquares.LevenbergMarquardtOptimizer;
import org.apache.commons.math3.fitting.leastsquares.MultivariateJacobianFunction;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.DiagonalMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.linear.SingularMatrixException;
import org.apache.commons.math3.util.Pair;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;

/// Fits an [AnnealingLaw] to runs: Huber's loss on differences of logarithms, by reweighted Levenberg-Marquardt steps
/// from several exponents.
///
/// @param memories values of λ to choose from
/// @param delta where Huber's loss becomes linear; usually 0.001
public record AnnealingFit(List<Double> memories, double delta) {

    /// The values of λ that the paper looks at.
    public static final AnnealingFit DEFAULT = new AnnealingFit(List.of(0.99, 0.995, 0.999), 1e-3);

    private static final List<Double> EXPONENTS = List.of(0.1, 0.25, 0.5, 0.75, 1.0, 1.5);
    private static final int REWEIGHTINGS = 20;

    /// Below this no number is taken to a logarithm.
    private static final double SMALLEST = 1e-12;

    /// A run.
    ///
    /// @param schedule of its learning rate
    /// @param steps after how many steps a loss was measured, rising; leave out the warm-up
    /// @param losses as many, above 0
    public record Curve(Schedule schedule, int[] steps, double[] losses) {

        public Curve {
            if (steps.length != losses.length || steps.length == 0) {
                throw new IllegalArgumentException("annealing law: expected as many losses as steps and at least one,"
                        + " got " + losses.length + " and " + steps.length);
            }
            for (int i = 0; i < steps.length; i++) {
                if (steps[i] <= (i == 0 ? 0 : steps[i - 1])) {
                    throw new IllegalArgumentException(
                            "annealing law: steps must be above 0 and rise, got " + steps[i]);
                }
                Require.positive("annealing law", "losses", losses[i]);
            }
        }
    }

    /// What the law sees of a measurement.
    private record Point(double forward, double annealed, double loss) {}

    public AnnealingFit {
        memories = List.copyOf(memories);
        Require.positive("annealing law", "delta", delta);
        if (memories.isEmpty()) {
            throw new IllegalArgumentException("annealing law: expected at least one memory, got none");
        }
    }

    /// The law that fits the runs best.
    public AnnealingLaw fit(List<Curve> curves) {
        AnnealingLaw best = null;
        double lowest = Double.POSITIVE_INFINITY;
        for (double memory : memories) {
            Point[] points = points(curves, memory);
            for (double exponent : EXPONENTS) {
                AnnealingLaw law = refine(start(points, exponent, memory), points);
                double loss = huber(law, points);
                if (loss < lowest || best == null) {
                    lowest = loss;
                    best = law;
                }
            }
        }
        return best;
    }

    private static Point[] points(List<Curve> curves, double memory) {
        return curves.stream()
                .flatMap(curve -> {
                    double[][] areas = AnnealingLaw.areas(curve.schedule, curve.steps[curve.steps.length - 1], memory);
                    return IntStream.range(0, curve.steps.length)
                            .mapToObj(i -> new Point(
                                    areas[0][curve.steps[i] - 1], areas[1][curve.steps[i] - 1], curve.losses[i]));
                })
                .peek(point -> Require.positive("annealing law", "the sum of rates at a measurement", point.forward))
                .toArray(Point[]::new);
    }

    /// With α given, the others are linear; what comes out negative becomes small.
    private static AnnealingLaw start(Point[] points, double exponent, double memory) {
        double[][] rows = new double[points.length][];
        double[] losses = new double[points.length];
        double lowest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < points.length; i++) {
            rows[i] = new double[] {1, StrictMath.pow(points[i].forward, -exponent), -points[i].annealed};
            losses[i] = points[i].loss;
            lowest = Math.min(lowest, losses[i]);
        }
        double[] found;
        try {
            found = new QRDecomposition(new Array2DRowRealMatrix(rows))
                    .getSolver()
                    .solve(new ArrayRealVector(losses))
                    .toArray();
        } catch (SingularMatrixException withoutAnnealing) {
            found = new double[] {lowest / 2, lowest / 2 * StrictMath.pow(points[0].forward, exponent), 0};
        }
        return new AnnealingLaw(
                Math.max(found[0], 1e-3 * lowest),
                Math.max(found[1], 1e-6 * lowest),
                Math.max(found[2], 1e-6 * lowest),
                exponent,
                memory);
    }

    /// The logarithms of L₀, A, C and α are free; residuals beyond `delta` count less with each reweighting.
    private AnnealingLaw refine(AnnealingLaw start, Point[] points) {
        RealVector at = new ArrayRealVector(new double[] {
            StrictMath.log(start.floor()),
            StrictMath.log(start.amplitude()),
            StrictMath.log(start.annealing()),
            StrictMath.log(start.exponent())
        });
        MultivariateJacobianFunction model = parameters -> model(law(parameters, start.memory()), points);
        LevenbergMarquardtOptimizer optimizer = new LevenbergMarquardtOptimizer();
        for (int round = 0; round < REWEIGHTINGS; round++) {
            double[] weights = new double[points.length];
            RealVector residuals = model.value(at).getFirst();
            for (int i = 0; i < weights.length; i++) {
                double off = Math.abs(residuals.getEntry(i));
                weights[i] = off <= delta ? 1 : delta / off;
            }
            RealVector next = optimizer
                    .optimize(new LeastSquaresBuilder()
                            .start(at)
                            .model(model)
                            .target(new double[points.length])
                            .weight(new DiagonalMatrix(weights))
                            .lazyEvaluation(false)
                            .maxEvaluations(10_000)
                            .maxIterations(10_000)
                            .build())
                    .getPoint();
            double moved = next.getDistance(at);
            at = next;
            if (moved < 1e-10) {
                break;
            }
        }
        return law(at, start.memory());
    }

    /// Steps that would leave the range of numbers are held at its ends.
    private static AnnealingLaw law(RealVector logs, double memory) {
        double[] values = logs.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = StrictMath.exp(Math.clamp(values[i], -60, i == 3 ? 3 : 60));
        }
        return new AnnealingLaw(values[0], values[1], values[2], values[3], memory);
    }

    /// Differences of logarithms, and how they change with the logarithm of each parameter.
    private static Pair<RealVector, RealMatrix> model(AnnealingLaw law, Point[] points) {
        double[] residuals = new double[points.length];
        double[][] slopes = new double[points.length][];
        for (int i = 0; i < points.length; i++) {
            Point point = points[i];
            double power = law.amplitude() * StrictMath.pow(point.forward, -law.exponent());
            double predicted = Math.max(SMALLEST, law.at(point.forward, point.annealed));
            residuals[i] = StrictMath.log(predicted) - StrictMath.log(point.loss);
            slopes[i] = new double[] {
                law.floor() / predicted,
                power / predicted,
                -law.annealing() * point.annealed / predicted,
                -power * StrictMath.log(point.forward) * law.exponent() / predicted
            };
        }
        return new Pair<>(new ArrayRealVector(residuals, false), new Array2DRowRealMatrix(slopes, false));
    }

    private double huber(AnnealingLaw law, Point[] points) {
        double sum = 0;
        for (double residual : model(law, points).getFirst().toArray()) {
            double off = Math.abs(residual);
            sum += off <= delta ? off * off / 2 : delta * (off - delta / 2);
        }
        return sum;
    }
}
