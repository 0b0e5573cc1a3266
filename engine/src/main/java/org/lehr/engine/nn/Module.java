package org.lehr.engine.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// A part of a model: parameters, buffers and children under names that match the public checkpoints of
/// the same architecture. Subclasses register what they own in their constructors and are final.
public abstract class Module {

    private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
    private final SequencedMap<String, Tensor> buffers = new LinkedHashMap<>();
    private final SequencedMap<String, Module> children = new LinkedHashMap<>();
    private final SequencedMap<String, RandomStream> streams = new LinkedHashMap<>();
    private boolean training = true;

    /// A module that owns nothing yet.
    protected Module() {}

    /// Registers a parameter under `name`.
    protected final Parameter parameter(String name, Tensor initial) {
        Parameter parameter = new Parameter(initial);
        register(name);
        parameters.put(name, parameter);
        return parameter;
    }

    /// Registers a parameter that another module owns too (tied weights); it is listed where it was met
    /// first.
    protected final Parameter shared(String name, Parameter parameter) {
        register(name);
        parameters.put(name, parameter);
        return parameter;
    }

    /// Registers a tensor that is saved but not trained; it outlives every scope.
    protected final Tensor buffer(String name, Tensor value) {
        register(name);
        value.storage().complete();
        Scope.detach(value.storage());
        buffers.put(name, value);
        return value;
    }

    /// Registers a source of random numbers, whose place belongs in checkpoints.
    protected final RandomStream stream(String name, RandomStream stream) {
        register(name);
        streams.put(name, stream);
        return stream;
    }

    /// Registers a child under `name`.
    protected final <M extends Module> M child(String name, M module) {
        register(name);
        children.put(name, module);
        return module;
    }

    /// Registers `part` under `name` where it is a module, and gives it back: for parts of which only some kinds
    /// learn.
    protected final <T> T learned(String name, T part) {
        if (part instanceof Module module) {
            child(name, module);
        }
        return part;
    }

    /// Registers a list of children as `name.0`, `name.1`, ...
    protected final <M extends Module> List<M> children(String name, List<M> modules) {
        for (int i = 0; i < modules.size(); i++) {
            child(name + "." + i, modules.get(i));
        }
        return List.copyOf(modules);
    }

    /// Registers a child whose parts are called in checkpoints as if they were this module's own. In paths of
    /// modules it
    /// stands as `(label)`.
    protected final <M extends Module> M unnamed(String label, M module) {
        return child("(" + label + ")", module);
    }

    private void register(String name) {
        boolean taken = parameters.containsKey(name)
                || buffers.containsKey(name)
                || streams.containsKey(name)
                || children.containsKey(name);
        if (name.isBlank() || taken) {
            throw new IllegalArgumentException(
                    "module " + getClass().getSimpleName() + ": the name '" + name + "' is empty or taken");
        }
    }

    /// All parameters below this module by path, each once, in the order of registration.
    public final SequencedMap<String, Parameter> parameters() {
        SequencedMap<String, Parameter> all = new LinkedHashMap<>();
        List<Parameter> seen = new ArrayList<>();
        visit(
                "",
                (path, module) -> module.parameters.forEach((name, parameter) -> {
                    if (seen.stream().noneMatch(other -> other == parameter)) {
                        seen.add(parameter);
                        all.put(saved(path) + name, parameter);
                    }
                }));
        return all;
    }

    /// All modules by path, this one first under the empty path.
    public final SequencedMap<String, Module> modules() {
        SequencedMap<String, Module> all = new LinkedHashMap<>();
        visit("", (path, module) -> all.put(path.isEmpty() ? "" : path.substring(0, path.length() - 1), module));
        return all;
    }

    /// Every parameter and buffer by path, as constants over the module's own memory.
    public final SequencedMap<String, Tensor> state() {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        parameters()
                .forEach((path, parameter) -> state.put(path, parameter.own().detach()));
        visit("", (path, module) -> module.buffers.forEach((name, buffer) -> state.put(saved(path) + name, buffer)));
        return state;
    }

    /// Every source of random numbers by path.
    public final SequencedMap<String, RandomStream> streams() {
        SequencedMap<String, RandomStream> all = new LinkedHashMap<>();
        visit("", (path, module) -> module.streams.forEach((name, stream) -> all.put(saved(path) + name, stream)));
        return all;
    }

    /// Overwrites parameters and buffers with those of the same paths, all or nothing.
    ///
    /// @throws IllegalArgumentException naming missing and unexpected paths, or a path whose shape differs
    public final void load(Map<String, Tensor> values) {
        requireFit(values);
        state().forEach((path, own) -> own.copyFrom(values.get(path)));
    }

    /// Checks that `values` could be loaded; the exceptions are those of [#load].
    public final void requireFit(Map<String, Tensor> values) {
        SequencedMap<String, Tensor> state = state();
        TreeSet<String> missing = new TreeSet<>(state.keySet());
        missing.removeAll(values.keySet());
        TreeSet<String> unexpected = new TreeSet<>(values.keySet());
        unexpected.removeAll(state.keySet());
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw new IllegalArgumentException("load: missing " + missing + ", unexpected " + unexpected);
        }
        state.forEach((path, own) -> {
            if (!own.shape().equals(values.get(path).shape())) {
                throw new IllegalArgumentException("load: " + path + " has shape " + own.shape() + ", the file "
                        + values.get(path).shape());
            }
        });
    }

    /// Number of trained values.
    public final long parameterCount() {
        return parameters().values().stream().mapToLong(p -> p.own().size()).sum();
    }

    /// Whether the module behaves as in training (dropout drops) or as in use.
    public final boolean isTraining() {
        return training;
    }

    /// Switches this module and everything below it between training and use.
    public final void train(boolean on) {
        forEach(module -> module.training = on);
    }

    /// Tells this module and everything below it that a training step was taken.
    public final void stepped() {
        forEach(Module::onStep);
    }

    /// What the module does after every training step, such as moving a buffer by what it has seen in the step.
    protected void onStep() {}

    /// Stores all parameters in another floating dtype, before training begins.
    public final void convert(DType dtype) {
        parameters().values().forEach(parameter -> parameter.convert(dtype));
    }

    /// Drops all gradients.
    public final void clearGradients() {
        parameters().values().forEach(Parameter::clearGradient);
    }

    private void forEach(Consumer<Module> action) {
        visit("", (path, module) -> action.accept(module));
    }

    private void visit(String path, BiConsumer<String, Module> action) {
        action.accept(path, this);
        children.forEach((name, child) -> child.visit(path + name + ".", action));
    }

    /// A path as checkpoints have it, without children that have no name there.
    private static String saved(String path) {
        return path.indexOf('(') < 0 ? path : path.replaceAll("\\([^)]*\\)\\.", "");
    }
}
