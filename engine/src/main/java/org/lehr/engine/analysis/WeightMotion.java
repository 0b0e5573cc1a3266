package org.lehr.engine.analysis;

import org.lehr.engine.nn.Parameter;

/// Follows the length of a parameter and what a rate amounts to for it.
///
/// Weights whose scale is of no consequence (before a norm) turn by a step of SGD in proportion to `η/‖w‖²`, and by one
/// of
/// Adam in proportion to `η/‖w‖`: without decay they become longer, and the effective rate falls by itself; decay holds
/// it
/// up (van Laarhoven 2017; D'Angelo et al. 2024).
public final class WeightMotion {

    /// One look.
    ///
    /// @param norm of the weights
    /// @param effective `η/‖w‖²`
    /// @param angle in radians between the weights and those of the look before; 0 at the first
    public record Point(double norm, double effective, double angle) {}

    private final Parameter parameter;
    private double[] last;

    public WeightMotion(Parameter parameter) {
        this.parameter = parameter;
    }

    /// Looks at the present values.
    ///
    /// @param rate with which they are trained
    public Point look(double rate) {
        double[] now = parameter.own().toDoubleArray();
        double square = product(now, now);
        double angle = last == null ? 0 : angle(product(last, now), Math.sqrt(square * product(last, last)));
        last = now;
        return new Point(Math.sqrt(square), rate / square, angle);
    }

    /// Rounding can make the cosine of an unchanged vector more than 1.
    private static double angle(double product, double norms) {
        return norms == 0 ? 0 : Math.acos(Math.clamp(product / norms, -1, 1));
    }

    private static double product(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
