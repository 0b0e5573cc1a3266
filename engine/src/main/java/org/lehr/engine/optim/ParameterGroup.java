package org.lehr.engine.optim;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.BiPredicate;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;

/// Parameters that are updated with the same factors.
///
/// @param parameters by path, in a fixed order
/// @param rateFactor multiplies the optimizer's rate
/// @param weightDecayFactor multiplies the optimizer's weight decay
public record ParameterGroup(SequencedMap<String, Parameter> parameters, double rateFactor, double weightDecayFactor) {

    public ParameterGroup {
        if (!(rateFactor >= 0) || !(weightDecayFactor >= 0)) {
            throw new IllegalArgumentException("parameter group: factors must not be negative, got rate " + rateFactor
                    + " and weight decay " + weightDecayFactor);
        }
        parameters = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(parameters));
    }

    /// All parameters of `module` with both factors 1.
    public static ParameterGroup all(Module module) {
        return new ParameterGroup(module.parameters(), 1, 1);
    }

    /// The parameters of `module` that `chosen` accepts by path and value, with both factors 1.
    public static ParameterGroup where(Module module, BiPredicate<String, Parameter> chosen) {
        SequencedMap<String, Parameter> some = new LinkedHashMap<>();
        module.parameters().forEach((path, parameter) -> {
            if (chosen.test(path, parameter)) {
                some.put(path, parameter);
            }
        });
        return new ParameterGroup(some, 1, 1);
    }

    public ParameterGroup withRateFactor(double factor) {
        return new ParameterGroup(parameters, factor, weightDecayFactor);
    }

    public ParameterGroup withWeightDecayFactor(double factor) {
        return new ParameterGroup(parameters, rateFactor, factor);
    }
}
