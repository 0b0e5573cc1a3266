package org.lehr.engine.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;

/// Parameters grouped by the factors of their rates.
public final class ScaledGroups {

    private ScaledGroups() {}

    /// One group for each distinct factor, in the order in which they first occur; matrices and vectors apart, so
    /// that
    /// the latter can be spared weight decay.
    ///
    /// @param rateFactors by path, for every parameter of `module`
    public static List<ParameterGroup> of(Module module, Map<String, Double> rateFactors) {
        record Kind(double factor, boolean decays) {}
        SequencedMap<Kind, SequencedMap<String, Parameter>> kinds = new LinkedHashMap<>();
        module.parameters().forEach((path, parameter) -> {
            Double factor = rateFactors.get(path);
            if (factor == null) {
                throw new IllegalArgumentException(
                        "scaled groups: no factor for '" + path + "' among " + rateFactors.keySet());
            }
            kinds.computeIfAbsent(new Kind(factor, parameter.decays()), kind -> new LinkedHashMap<>())
                    .put(path, parameter);
        });
        List<ParameterGroup> groups = new ArrayList<>();
        kinds.forEach(
                (kind, parameters) -> groups.add(new ParameterGroup(parameters, kind.factor, kind.decays ? 1 : 0)));
        return groups;
    }
}
