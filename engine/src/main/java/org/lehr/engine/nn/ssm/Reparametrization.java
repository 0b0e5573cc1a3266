package org.lehr.engine.nn.ssm;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Softplus;

/// How decay rates of a linear recurrence depend on what is trained (Wang, Li 2024, "StableSSM"): a stable one keeps
/// rates where the recurrence forgets, whatever the optimizer does.
///
/// Continuous forms give the real part of an eigenvalue of `dh/dt = λh`, discrete ones the size of a factor of
/// `h[t] = λh[t − 1]`.
public interface Reparametrization {

    /// `λ` from the trained `w`, element by element.
    Tensor apply(Tensor w);

    /// A `w` whose `λ` this is.
    double inverse(double rate);

    /// `λ = w`, continuous, which training may make grow.
    Reparametrization DIRECT = of(w -> w, rate -> rate);

    /// `λ = −eʷ`, continuous.
    Reparametrization EXPONENTIAL = of(w -> w.exp().neg(), rate -> StrictMath.log(-rate));

    /// `λ = −ln(1 + eʷ)`, continuous.
    Reparametrization SOFTPLUS =
            of(w -> Softplus.softplus(w).neg(), rate -> -rate + StrictMath.log(-StrictMath.expm1(rate)));

    /// `λ = 1 − 1/(w² + ½)`, discrete, between −1 and 1. What a step of `w` changes is in proportion to `w`
    /// wherever it is, which the paper calls best.
    Reparametrization DISCRETE_QUADRATIC =
            of(w -> w.square().add(0.5).pow(-1).neg().add(1), factor -> Math.sqrt(1 / (1 - factor) - 0.5));

    /// `λ = −1/(a·w² + b)`, continuous: the best form where a step is a small share of time; `a = 1` and `b = ½`
    /// are
    /// usual.
    static Reparametrization inverseQuadratic(double a, double b) {
        if (!(a > 0 && b > 0)) {
            throw new IllegalArgumentException(
                    "inverse quadratic rates: a and b must be positive, got " + a + " and " + b);
        }
        return of(w -> w.square().mul(a).add(b).pow(-1).neg(), rate -> Math.sqrt(Math.max(0, (-1 / rate - b) / a)));
    }

    /// The factor `e^λ` of a time step of 1 for a continuous form.
    static Reparametrization discretized(Reparametrization continuous) {
        return of(w -> continuous.apply(w).exp(), factor -> continuous.inverse(StrictMath.log(factor)));
    }

    private static Reparametrization of(UnaryOperator<Tensor> rate, DoubleUnaryOperator inverse) {
        return new Reparametrization() {
            @Override
            public Tensor apply(Tensor w) {
                return rate.apply(w);
            }

            @Override
            public double inverse(double value) {
                return inverse.applyAsDouble(value);
            }
        };
    }
}
