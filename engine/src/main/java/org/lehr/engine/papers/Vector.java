package org.lehr.engine.papers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// One parameter whose gradients are made up, to see what an optimizer makes of them.
public final class Vector {

    private final Parameter parameter;
    private final Optimizer optimizer;

    /// @param start where it begins; its shape and dtype are the parameter's
    public Vector(Tensor start, Recipe recipe) {
        // A copy: steps are taken in place.
        parameter = new Parameter(start.mul(1));
        optimizer = recipe.over(List.of(new ParameterGroup(new LinkedHashMap<>(Map.of("p", parameter)), 1, 1)));
    }

    /// Takes a step with this gradient.
    ///
    /// @return how far each element went
    public double[] step(Tensor gradient) {
        try (var _ = Scope.open()) {
            double[] way = values();
            parameter.own().setGradient(gradient.mul(1));
            optimizer.step();
            double[] after = values();
            for (int i = 0; i < way.length; i++) {
                way[i] = after[i] - way[i];
            }
            return way;
        }
    }

    /// Where it is.
    public double[] values() {
        return parameter.own().toDoubleArray();
    }

    public Optimizer optimizer() {
        return optimizer;
    }
}
