package org.lehr.engine.optim.wrapper;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;

/// Gradients where the loss is highest near the weights, as sharpness-aware minimisation takes them, and products of
/// whole gradients.
///
/// @param groups what is trained
record Uphill(List<ParameterGroup> groups) {

    /// Takes the gradients at `p + ρ·g/‖g‖`, or with `adaptive` at `p + ρ·p²g/‖|p|g‖`, in place of those at `p`,
    /// and
    /// returns what they are to be multiplied by.
    double gradients(double rho, boolean adaptive, Evaluation loss) {
        Map<Parameter, Tensor> values = new IdentityHashMap<>();
        double norm = norm(adaptive);
        // At a flat place there is no uphill: the gradient there is the gradient here.
        double factor = norm == 0 ? 0 : rho / norm;
        each(parameter -> {
            Tensor own = parameter.own().detach();
            Tensor gradient = parameter.gradient();
            Tensor kept = own.mul(1);
            kept.storage().complete();
            values.put(parameter, kept);
            Tensor uphill = adaptive ? own.square().mul(gradient) : gradient;
            parameter.set(own.add(uphill.mul(factor)));
        });
        double scale = loss.gradients().scale();
        each(parameter -> {
            if (values.containsKey(parameter)) {
                parameter.set(values.get(parameter));
            }
        });
        return scale;
    }

    /// Copies of the gradients, multiplied by `scale`.
    Map<Parameter, Tensor> copies(double scale) {
        Map<Parameter, Tensor> copies = new IdentityHashMap<>();
        each(parameter -> {
            copies.put(parameter, parameter.gradient().mul(scale));
            copies.get(parameter).storage().complete();
        });
        return copies;
    }

    /// Runs `work` for every parameter with a gradient, without recording.
    void each(Consumer<Parameter> work) {
        groups.forEach(group -> group.parameters()
                .values()
                .forEach(parameter -> Recording.off(() -> {
                    if (parameter.gradient() != null) {
                        work.accept(parameter);
                    }
                    return null;
                })));
    }

    private double norm(boolean adaptive) {
        double[] sum = new double[1];
        each(parameter -> {
            Tensor g = parameter.gradient();
            double length = Norms.two(adaptive ? parameter.own().detach().mul(g) : g);
            sum[0] += length * length;
        });
        return Math.sqrt(sum[0]);
    }

    /// `(plain·g)/(g·g)` with the present gradients `g`; 0 where they are 0.
    double along(Map<Parameter, Tensor> plain) {
        double[] sums = new double[2];
        each(parameter -> {
            Tensor g = parameter.gradient();
            sums[0] += plain.containsKey(parameter) ? Norms.dot(plain.get(parameter), g) : 0;
            sums[1] += Norms.dot(g, g);
        });
        return sums[1] == 0 ? 0 : sums[0] / sums[1];
    }
}
