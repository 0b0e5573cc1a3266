package org.lehr.engine.optim.wrapper;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.tensor.Tensor;

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

    private static final class Running implements Optimizer {

        private final Recipe recipe;
        private final StateFormat format;
        private final List<ParameterGroup> groups = new ArrayList<>();
        private final SequencedMap<String, Optimizer> optimizers = new LinkedHashMap<>();
        private final Map<Parameter, Optimizer> owners = new IdentityHashMap<>();
        private final Set<Parameter> updated = Collections.newSetFromMap(new IdentityHashMap<>());
        // Over no parameter: how many steps were taken, and the rate.
        private final Optimizer clock;

        Running(Recipe recipe, List<ParameterGroup> groups, StateFormat format) {
            this.recipe = recipe;
            this.format = format;
            this.clock = recipe.over(List.of(), format);
            if (!clock.isSeparate()) {
                throw new IllegalArgumentException(
                        "inbackward: an update must look at one parameter alone, and that of "
                                + recipe.getClass().getSimpleName()
                                + " looks at several, at the loss, or at when the step ends");
            }
            groups.forEach(group -> own(group, false));
        }

        private void own(ParameterGroup group, boolean late) {
            Map<String, Optimizer> fresh = new LinkedHashMap<>();
            Set<Parameter> all = Collections.newSetFromMap(new IdentityHashMap<>());
            all.addAll(owners.keySet());
            group.parameters().forEach((path, parameter) -> {
                if (optimizers.containsKey(path) || !all.add(parameter)) {
                    throw new IllegalArgumentException("optimizer: the parameter " + path + " is there already");
                }
                ParameterGroup single = new ParameterGroup(
                        new LinkedHashMap<>(Map.of(path, parameter)), group.rateFactor(), group.weightDecayFactor());
                Optimizer own = recipe.over(late ? List.of() : List.of(single), format);
                if (late) {
                    own.load(steps(), own.state());
                    own.add(single);
                }
                fresh.put(path, own);
            });
            groups.add(group);
            optimizers.putAll(fresh);
            group.parameters().forEach((path, parameter) -> owners.put(parameter, fresh.get(path)));
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
            clock.step();
        }

        @Override
        public <T> T evaluating(Supplier<T> work) {
            return evaluating(optimizers.values().iterator(), work);
        }

        private static <T> T evaluating(Iterator<Optimizer> rest, Supplier<T> work) {
            return rest.hasNext() ? rest.next().evaluating(() -> evaluating(rest, work)) : work.get();
        }

        @Override
        public void training() {
            optimizers.values().forEach(Optimizer::training);
        }

        @Override
        public long steps() {
            return clock.steps();
        }

        @Override
        public double rate() {
            return clock.rate();
        }

        @Override
        public List<ParameterGroup> groups() {
            return List.copyOf(groups);
        }

        @Override
        public void add(ParameterGroup group) {
            own(group, true);
        }

        @Override
        public SequencedMap<String, Tensor> state() {
            SequencedMap<String, Tensor> state = new LinkedHashMap<>();
            optimizers.values().forEach(own -> state.putAll(own.state()));
            return Collections.unmodifiableSequencedMap(state);
        }

        @Override
        public void load(long steps, Map<String, Tensor> state) {
            requireFit(state);
            optimizers.values().forEach(own -> {
                Map<String, Tensor> part = new LinkedHashMap<>(state);
                part.keySet().retainAll(own.state().keySet());
                own.load(steps, part);
            });
            clock.load(steps, Map.of());
        }

        private void requireFit(Map<String, Tensor> state) {
            Map<String, Tensor> own = state();
            Set<String> missing = new TreeSet<>(own.keySet());
            missing.removeAll(state.keySet());
            Set<String> unexpected = new TreeSet<>(state.keySet());
            unexpected.removeAll(own.keySet());
            if (!missing.isEmpty() || !unexpected.isEmpty()) {
                throw new IllegalArgumentException(
                        "optimizer state: missing " + missing + ", unexpected " + unexpected);
            }
            own.forEach((path, tensor) -> {
                if (!tensor.shape().equals(state.get(path).shape())) {
                    throw new IllegalArgumentException("optimizer state: " + path + " has shape " + tensor.shape()
                            + ", the saved one " + state.get(path).shape());
                }
            });
        }
    }
}
