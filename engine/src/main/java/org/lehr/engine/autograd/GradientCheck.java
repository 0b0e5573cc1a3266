package org.lehr.engine.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Compares gradients with central differences, in float64.
///
/// The function's result is weighted by fixed random numbers and summed, so that every element of the Jacobian counts.
/// A mismatch is an `IllegalStateException` naming the input, the element and both values.
public final class GradientCheck {

    private static final double STEP = 1e-5;

    private final double tolerance;

    private GradientCheck(double tolerance) {
        this.tolerance = tolerance;
    }

    /// A check that accepts `|a − b| ≤ tolerance·(1 + |b|)`; 1e-6 suits smooth functions of a few hundred numbers.
    public static GradientCheck within(double tolerance) {
        return new GradientCheck(tolerance);
    }

    /// Checks the gradients of `function` with respect to all floating `inputs` (float64).
    public void first(Function<Tensor[], Tensor> function, Tensor... inputs) {
        compare("gradient", true, x -> weigh(function.apply(x)), inputs);
    }

    /// Checks the gradients of the gradients of `function`.
    public void second(Function<Tensor[], Tensor> function, Tensor... inputs) {
        compare("second gradient", false, x -> gradientSum(function, x), inputs);
    }

    /// The weighted sum of all first gradients, recorded.
    private static Tensor gradientSum(Function<Tensor[], Tensor> function, Tensor... x) {
        return Recording.set(true, () -> {
            List<Tensor> wanted = new ArrayList<>();
            Tensor[] tracked = x.clone();
            for (int i = 0; i < x.length; i++) {
                if (x[i].dtype().isFloating()) {
                    tracked[i] = x[i].requiresGradient() ? x[i] : x[i].requiringGradient();
                    wanted.add(tracked[i]);
                }
            }
            Tensor value = weigh(function.apply(tracked));
            Tensor total = value.scalarLike(0);
            for (Tensor gradient : Autograd.gradient(List.of(value), wanted, true)) {
                total = total.add(weigh(gradient));
            }
            return total;
        });
    }

    private static Tensor weigh(Tensor y) {
        Tensor weights =
                new RandomStream(y.size()).normal(DType.FLOAT64, y.shape().toArray());
        return y.mul(weights).sum();
    }

    /// @param dependent whether a result that depends on no input is a mistake; second gradients of linear
    /// functions do not
    private void compare(String what, boolean dependent, Function<Tensor[], Tensor> scalar, Tensor... inputs) {
        Tensor[] tracked = new Tensor[inputs.length];
        List<Tensor> wanted = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            tracked[i] = inputs[i];
            if (inputs[i].dtype().isFloating()) {
                if (inputs[i].dtype() != DType.FLOAT64) {
                    throw new DTypeMismatchException(
                            "gradient check: floating inputs must be float64, input " + i + " is " + inputs[i]);
                }
                tracked[i] = inputs[i].detach().requiringGradient();
                wanted.add(tracked[i]);
            }
        }
        Tensor value = scalar.apply(tracked);
        if (!value.requiresGradient() && dependent) {
            throw new IllegalStateException(what + ": the result does not depend on any floating input");
        }
        List<Tensor> gradients = value.requiresGradient()
                ? Autograd.gradient(List.of(value), wanted, false)
                : wanted.stream().map(input -> input.fullLike(0)).toList();
        int next = 0;
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i].dtype().isFloating()) {
                double[] analytic = gradients.get(next++).toDoubleArray();
                compareInput(what, scalar, inputs, i, analytic);
            }
        }
    }

    private void compareInput(
            String what, Function<Tensor[], Tensor> scalar, Tensor[] inputs, int i, double[] analytic) {
        double[] values = inputs[i].toDoubleArray();
        for (int e = 0; e < values.length; e++) {
            double step = STEP * Math.max(1, Math.abs(values[e]));
            double numeric = (at(scalar, inputs, i, values, e, values[e] + step)
                            - at(scalar, inputs, i, values, e, values[e] - step))
                    / (2 * step);
            if (!(Math.abs(analytic[e] - numeric) <= tolerance * (1 + Math.abs(numeric)))) {
                throw new IllegalStateException(what + ": input " + i + " " + inputs[i].shape() + ", element " + e
                        + ": computed " + analytic[e] + ", central difference " + numeric);
            }
        }
    }

    private static double at(
            Function<Tensor[], Tensor> scalar, Tensor[] inputs, int i, double[] values, int e, double value) {
        double[] moved = values.clone();
        moved[e] = value;
        Tensor[] changed = inputs.clone();
        changed[i] = Tensor.of(moved, inputs[i].shape().toArray());
        return Recording.off(() -> scalar.apply(changed).item());
    }
}
