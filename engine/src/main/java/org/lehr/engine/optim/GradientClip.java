package org.lehr.engine.optim;

import java.util.List;
import java.util.Objects;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// Limits the length of the whole gradient (Pascanu, Mikolov, Bengio 2013).
public final class GradientClip {

    private GradientClip() {}

    /// `√Σg²` over the gradients of all groups, in a fixed order; 0 when there are none.
    public static double norm(List<ParameterGroup> groups) {
        List<Tensor> gradients = groups.stream()
                .flatMap(group -> group.parameters().values().stream())
                .map(parameter -> parameter.gradient())
                .filter(Objects::nonNull)
                .map(Tensor::contiguous)
                .toList();
        return gradients.isEmpty()
                ? 0
                : gradients
                        .getFirst()
                        .device()
                        .backend()
                        .reductions()
                        .globalNorm(gradients.stream().map(Tensor::view).toArray(View[]::new));
    }

    /// What gradients of this norm are to be multiplied by so that it is at most `limit`. A norm that is
    /// not finite cannot be limited: NaN gives 1 and infinity 0, so callers look at the norm first.
    public static double factor(double norm, double limit) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("gradient clip: the limit must be above 0, got " + limit);
        }
        return norm > limit ? limit / norm : 1;
    }
}
