package org.lehr.engine.optim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.tensor.Tensor;

/// Optimizers of the same recipe, each over a part of the parameters, with the bits of one over all of them: for
/// optimizers whose update of a parameter looks at that parameter alone.
public abstract class SplitOptimizer implements Optimizer {

    private final Recipe recipe;
    private final StateFormat format;
    private final List<ParameterGroup> groups = new ArrayList<>();
    private final List<Optimizer> parts = new ArrayList<>();
    private final Set<String> paths = new HashSet<>();
    private final Set<Parameter> parameters = Collections.newSetFromMap(new IdentityHashMap<>());
    // Over no parameter: how many steps were taken, and the rate.
    private final Optimizer clock;

    /// @param who names it in errors
    /// @throws IllegalArgumentException when an update looks at more than one parameter
    protected SplitOptimizer(String who, Recipe recipe, StateFormat format) {
        this.recipe = recipe;
        this.format = format;
        this.clock = recipe.over(List.of(), format);
        if (!clock.isSeparate()) {
            throw new IllegalArgumentException(who + ": an update must look at one parameter alone, and that of "
                    + recipe.getClass().getSimpleName()
                    + " looks at several, at the loss, or at when the step ends");
        }
    }

    /// Takes over further parameters, all or nothing.
    ///
    /// @param make makes the [parts][#part] that update them
    /// @throws IllegalArgumentException when a parameter or a path is there already
    protected final void take(List<ParameterGroup> more, Supplier<List<Optimizer>> make) {
        Set<String> morePaths = new HashSet<>(paths);
        Set<Parameter> moreParameters = Collections.newSetFromMap(new IdentityHashMap<>());
        moreParameters.addAll(parameters);
        more.forEach(group -> group.parameters().forEach((path, parameter) -> {
            if (!morePaths.add(path) || !moreParameters.add(parameter)) {
                throw new IllegalArgumentException("optimizer: the parameter " + path + " is there already");
            }
        }));
        parts.addAll(make.get());
        groups.addAll(more);
        paths.addAll(morePaths);
        parameters.addAll(moreParameters);
    }

    /// An optimizer over a part of the parameters.
    ///
    /// @param late whether they come after the steps that were taken
    protected final Optimizer part(List<ParameterGroup> some, boolean late) {
        Optimizer part = recipe.over(late ? List.of() : some, format);
        if (late) {
            part.load(steps(), part.state());
            some.forEach(part::add);
        }
        return part;
    }

    /// Counts a step.
    protected final void count() {
        clock.step();
    }

    @Override
    public <T> T evaluating(Supplier<T> work) {
        return evaluating(parts.iterator(), work);
    }

    private static <T> T evaluating(Iterator<Optimizer> rest, Supplier<T> work) {
        return rest.hasNext() ? rest.next().evaluating(() -> evaluating(rest, work)) : work.get();
    }

    @Override
    public void training() {
        parts.forEach(Optimizer::training);
    }

    @Override
    public final long steps() {
        return clock.steps();
    }

    @Override
    public final double rate() {
        return clock.rate();
    }

    @Override
    public final List<ParameterGroup> groups() {
        return List.copyOf(groups);
    }

    @Override
    public SequencedMap<String, Tensor> state() {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        parts.forEach(part -> state.putAll(part.state()));
        return Collections.unmodifiableSequencedMap(state);
    }

    @Override
    public void relocate(BiFunction<String, Tensor, Tensor> where) {
        parts.forEach(part -> part.relocate(where));
    }

    @Override
    public void load(long steps, Map<String, Tensor> state) {
        requireFit(state);
        parts.forEach(part -> {
            Map<String, Tensor> own = new LinkedHashMap<>(state);
            own.keySet().retainAll(part.state().keySet());
            part.load(steps, own);
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
            throw new IllegalArgumentException("optimizer state: missing " + missing + ", unexpected " + unexpected);
        }
        own.forEach((path, tensor) -> {
            if (!tensor.shape().equals(state.get(path).shape())) {
                throw new IllegalArgumentException("optimizer state: " + path + " has shape " + tensor.shape()
                        + ", the saved one " + state.get(path).shape());
            }
        });
    }
}
