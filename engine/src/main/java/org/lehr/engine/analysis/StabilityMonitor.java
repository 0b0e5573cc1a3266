package org.lehr.engine.analysis;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.tensor.RandomStream;

/// Follows how the curvature of a loss stands to the rate of its training.
///
/// Gradient descent with rate `η` leaves a place whose largest eigenvalue `λ` is above `2/η`: training succeeds where
/// its early steps avoid or leave such places (Gilmer et al. 2022). SGD with one example a step needs more near zero
/// loss: there the trace of the Hessian must not be above `2/η`.
public final class StabilityMonitor {

    /// One look.
    ///
    /// @param step how many were taken
    /// @param rate of the next one
    /// @param sharpness the largest eigenvalue of the Hessian
    /// @param trace of the Hessian
    public record Point(long step, double rate, double sharpness, double trace) {

        /// `η·λ/2`: above 1 gradient descent does not stay.
        public double edge() {
            return rate * sharpness / 2;
        }

        /// `η·tr H/2`: above 1 SGD with one example a step does not stay.
        public double noisyEdge() {
            return rate * trace / 2;
        }
    }

    private final Curvature curvature;
    private final int lanczos;
    private final int samples;
    private final RandomStream random;
    private final List<Point> points = new ArrayList<>();

    /// @param lanczos steps for the largest eigenvalue; 10 to 20 are usual
    /// @param samples random vectors for the trace
    public StabilityMonitor(Curvature curvature, int lanczos, int samples, RandomStream random) {
        if (lanczos < 1 || samples < 1) {
            throw new IllegalArgumentException(
                    "stability monitor: needs at least one Lanczos step and one sample of the trace, got " + lanczos
                            + " and " + samples);
        }
        this.curvature = curvature;
        this.lanczos = lanczos;
        this.samples = samples;
        this.random = random;
    }

    /// Looks at the present values.
    public Point look(long step, double rate) {
        RandomStream own = random.split(points.size());
        Point point = new Point(
                step,
                rate,
                curvature.topEigenvalue(lanczos, own.split("start")),
                curvature.trace(samples, own.split("signs")));
        points.add(point);
        return point;
    }

    /// All looks so far.
    public List<Point> points() {
        return List.copyOf(points);
    }
}
