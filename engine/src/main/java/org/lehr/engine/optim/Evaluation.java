package org.lehr.engine.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// The loss of a step as a function of the parameters' present values, for optimizers that look at it more than
/// once: a mean over batches that stay the same, with the same random numbers each time.
public final class Evaluation {

    private final List<ParameterGroup> groups;
    private final List<Supplier<Tensor>> losses;
    private final double clip;

    /// What a look at the gradient gives.
    ///
    /// @param loss mean over the batches
    /// @param scale what the gradients that the parameters hold are to be multiplied by, clipping included
    public record Slope(double loss, double scale) {}

    /// @param groups the parameters whose gradients count
    /// @param losses one scalar for each batch
    /// @param clip largest norm of the whole gradient; infinite for no clipping
    public Evaluation(List<ParameterGroup> groups, List<Supplier<Tensor>> losses, double clip) {
        if (losses.isEmpty()) {
            throw new IllegalArgumentException("evaluation: needs at least one loss");
        }
        this.groups = List.copyOf(groups);
        this.losses = List.copyOf(losses);
        this.clip = clip;
    }

    /// Of one loss, without clipping.
    public Evaluation(List<ParameterGroup> groups, Supplier<Tensor> loss) {
        this(groups, List.of(loss), Double.POSITIVE_INFINITY);
    }

    /// The loss, without leaving anything behind.
    public double loss() {
        double sum = 0;
        for (Supplier<Tensor> loss : losses) {
            try (var _ = Scope.open()) {
                sum += Recording.off(loss).item();
            }
        }
        return sum / losses.size();
    }

    /// Puts fresh gradients in place of those that the parameters hold.
    public Slope gradients() {
        parameters().forEach(Parameter::clearGradient);
        double sum = 0;
        for (Supplier<Tensor> loss : losses) {
            try (var _ = Scope.open()) {
                sum += Recording.set(true, () -> {
                    Tensor value = loss.get();
                    double number = value.item();
                    value.backward();
                    return number;
                });
            }
        }
        double norm = GradientClip.norm(groups) / losses.size();
        return new Slope(sum / losses.size(), GradientClip.factor(norm, clip) / losses.size());
    }

    /// `H·v` for the Hessian of the loss with respect to `parameters`.
    ///
    /// @param vectors one for each parameter, of its shape and dtype
    public List<Tensor> hessianVectorProduct(List<Parameter> parameters, List<Tensor> vectors) {
        List<Tensor> leaves = parameters.stream().map(Parameter::own).toList();
        List<Tensor> sums = new ArrayList<>();
        for (Supplier<Tensor> loss : losses) {
            List<Tensor> products = Autograd.hessianVectorProduct(_ -> loss.get(), leaves, vectors);
            for (int i = 0; i < products.size(); i++) {
                Tensor mean = products.get(i).div(losses.size());
                if (sums.size() == i) {
                    sums.add(mean);
                } else {
                    sums.set(i, sums.get(i).add(mean));
                }
            }
        }
        return sums;
    }

    /// The derivative of the loss along `tangents`.
    ///
    /// @param tangents one for each parameter, of its shape and dtype
    public double slopeAlong(List<Parameter> parameters, List<Tensor> tangents) {
        List<Tensor> leaves = parameters.stream().map(Parameter::own).toList();
        double sum = 0;
        for (Supplier<Tensor> loss : losses) {
            try (var _ = Scope.open()) {
                sum += Autograd.jvp(_ -> loss.get(), leaves, tangents).item();
            }
        }
        return sum / losses.size();
    }

    private List<Parameter> parameters() {
        return groups.stream()
                .flatMap(group -> group.parameters().values().stream())
                .toList();
    }
}
