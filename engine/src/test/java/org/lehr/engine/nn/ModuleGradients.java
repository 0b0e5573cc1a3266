package org.lehr.engine.nn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.lehr.engine.autograd.GradientCheck;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Gradients of modules against central differences in float64.
public final class ModuleGradients {

    private ModuleGradients() {}

    /// Checks `function` with respect to `inputs` and, by functional calls, to every parameter of `module`.
    public static void check(Module module, Function<Tensor[], Tensor> function, Tensor... inputs) {
        module.convert(DType.FLOAT64);
        List<Parameter> parameters = List.copyOf(module.parameters().values());
        Tensor[] all = Stream.concat(
                        Stream.of(inputs), parameters.stream().map(p -> p.own().detach()))
                .toArray(Tensor[]::new);
        GradientCheck.within(2e-6)
                .first(
                        x -> {
                            Map<Parameter, Tensor> substitutes = new HashMap<>();
                            for (int i = 0; i < parameters.size(); i++) {
                                substitutes.put(parameters.get(i), x[inputs.length + i]);
                            }
                            return Parameter.substituting(substitutes, () -> function.apply(x));
                        },
                        all);
    }
}
