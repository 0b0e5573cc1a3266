package org.lehr.engine.optim.wrapper;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.SplitOptimizer;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.StateFormat;

/// Updates each parameter during the backward pass, as soon as its gradient is there, and drops that: there is never
/// memory for the gradients of the whole model (LOMO; Lv et al. 2023). The same bits as without it.
///
/// For optimizers whose update of a parameter depends on that parameter alone. Whoever trains must not clip the whole
/// gradient, nor sum over batches. When a gradient is not finite, parameters nearer to the loss were updated already.
/// The
/// outermost wrapper.
public record InBackward() implements Wrapper {

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(inner, groups, format);
    }

    private static final class Running extends SplitOptimizer {

        private final Map<Parameter, Optimizer> owners = new IdentityHashMap<>();
        private final Set<Parameter> updated = Collections.newSetFromMap(new IdentityHashMap<>());

        Running(Recipe recipe, List<ParameterGroup> groups, StateFormat format) {
            super("inbackward", recipe, format);
            groups.forEach(group -> own(group, false));
        }

        private void own(ParameterGroup group, boolean late) {
            Map<Parameter, Optimizer> fresh = new IdentityHashMap<>();
            take(List.of(group), () -> {
                List<Optimizer> parts = new ArrayList<>();
                group.parameters().forEach((path, parameter) -> {
                    Optimizer part = part(List.of(single(group, path, parameter)), late);
                    fresh.put(parameter, part);
                    parts.add(part);
                });
                return parts;
            });
            owners.putAll(fresh);
        }

        private static ParameterGroup single(ParameterGroup group, String path, Parameter parameter) {
            return new ParameterGroup(
                    new LinkedHashMap<>(Map.of(path, parameter)), group.rateFactor(), group.weightDecayFactor());
        }

        @Override
        public Demand demand() {
            return Demand.ARRIVAL;
        }

        @Override
        public void arrived(Parameter parameter) {
            Optimizer own = Optional.ofNullable(owners.get(parameter))
                    .orElseThrow(() -> new IllegalArgumentException("inbackward: a gradient arrived at a parameter that"
                            + " is not trained, of shape " + parameter.own().shape()));
            if (!updated.add(parameter)) {
                throw new IllegalStateException(
                        "inbackward: two gradients arrived at a parameter in one step, of shape "
                                + parameter.own().shape() + "; a step has one backward pass");
            }
            own.step();
            parameter.clearGradient();
        }

        @Override
        public void step(double gradientScale) {
            owners.forEach((parameter, own) -> {
                if (!updated.contains(parameter)) {
                    own.step(gradientScale);
                }
            });
            updated.clear();
            count();
        }

        @Override
        public void add(ParameterGroup group) {
            own(group, true);
        }
    }
}
