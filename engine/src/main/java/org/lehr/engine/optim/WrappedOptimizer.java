package org.lehr.engine.optim;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// An optimizer around another one, with slots of its own beside those of the inner one.
public abstract class WrappedOptimizer implements Optimizer {

    private final Optimizer inner;
    private final Slots slots;

    /// @param own what the wrapper keeps
    /// @throws IllegalArgumentException when the inner optimizer keeps slots of the same names
    protected WrappedOptimizer(Optimizer inner, List<Slot> own) {
        this.inner = inner;
        this.slots = new Slots(inner.groups(), own, StateFormat.FULL, false);
        for (String key : slots.all().keySet()) {
            if (inner.state().containsKey(key)) {
                throw new IllegalArgumentException(
                        "optimizer: a wrapper and what it is put around both keep " + key + "; use one of them");
            }
        }
    }

    /// What this is put around.
    protected final Optimizer inner() {
        return inner;
    }

    /// A slot of this wrapper.
    protected final Tensor slot(String name, String path) {
        return slots.get(name, path);
    }

    /// Gives a slot of this wrapper another value.
    protected final void set(String name, String path, Tensor value) {
        slots.set(path, Map.of(name, value), null);
    }

    /// Work on one parameter.
    @FunctionalInterface
    protected interface Each {
        void accept(String path, Parameter parameter);
    }

    /// Runs `work` for every parameter, without recording and in a scope of its own.
    protected final void forEach(Each work) {
        for (ParameterGroup group : groups()) {
            group.parameters()
                    .forEach((path, parameter) -> Recording.off(() -> {
                        try (var _ = Scope.open()) {
                            work.accept(path, parameter);
                        }
                        return null;
                    }));
        }
    }

    /// Refuses a step without a loss.
    protected static Evaluation required(String who, Evaluation evaluation) {
        if (evaluation == null) {
            throw new IllegalStateException(
                    who + ": looks at the loss again in a step; call step(gradientScale, evaluation)");
        }
        return evaluation;
    }

    @Override
    public void step(double gradientScale) {
        step(gradientScale, null);
    }

    @Override
    public abstract void step(double gradientScale, Evaluation evaluation);

    @Override
    public Demand demand() {
        return inner.demand();
    }

    @Override
    public <T> T evaluating(Supplier<T> work) {
        return inner.evaluating(work);
    }

    @Override
    public void training() {
        inner.training();
    }

    @Override
    public long steps() {
        return inner.steps();
    }

    @Override
    public double rate() {
        return inner.rate();
    }

    @Override
    public List<ParameterGroup> groups() {
        return inner.groups();
    }

    @Override
    public void add(ParameterGroup group) {
        inner.add(group);
        slots.add(group, inner.steps());
    }

    @Override
    public SequencedMap<String, Tensor> state() {
        SequencedMap<String, Tensor> all = new LinkedHashMap<>(inner.state());
        all.putAll(slots.all());
        return Collections.unmodifiableSequencedMap(all);
    }

    @Override
    public void relocate(BiFunction<String, Tensor, Tensor> where) {
        inner.relocate(where);
        slots.relocate(where);
    }

    @Override
    public void load(long steps, Map<String, Tensor> state) {
        Map<String, Tensor> own = new LinkedHashMap<>(state);
        own.keySet().retainAll(slots.all().keySet());
        Map<String, Tensor> rest = new LinkedHashMap<>(state);
        // When parameters came is known to both.
        rest.keySet()
                .removeIf(key -> slots.all().containsKey(key) && !inner.state().containsKey(key));
        slots.requireFit(steps, own);
        inner.load(innerSteps(steps, state), rest);
        slots.load(steps, own);
    }

    /// How many steps the inner optimizer had taken when this one had taken `steps`.
    protected long innerSteps(long steps, Map<String, Tensor> state) {
        return steps;
    }
}
