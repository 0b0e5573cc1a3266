package org.lehr.engine.optim;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.tensor.Tensor;

/// Changes parameters by their gradients. Hyper-parameters are schedules of the step, so the only mutable
/// state is the number of steps taken and the named tensors of [#state].
public interface Optimizer {

    /// Takes one step with the gradients that the parameters hold, each multiplied by `gradientScale`
    /// (for clipping and accumulation). Parameters without a gradient stay as they are. A gradient that
    /// is not finite makes what it touches not finite: only that element, and its state.
    void step(double gradientScale);

    /// As [#step(double)] with the gradients as they are.
    default void step() {
        step(1);
    }

    /// How many steps were taken.
    long steps();

    /// The learning rate of the next step, before group factors.
    double rate();

    /// What is updated.
    List<ParameterGroup> groups();

    /// Takes over further parameters, such as those of classes met during training; their state begins as that of
    /// all
    /// others did, as if their first step were the first one.
    ///
    /// @throws IllegalArgumentException when a parameter or a path is there already
    void add(ParameterGroup group);

    /// The state tensors by path (`slot/parameter path`), over the optimizer's own memory.
    SequencedMap<String, Tensor> state();

    /// Takes over the state of an optimizer that had taken `steps` steps, all or nothing.
    ///
    /// @throws IllegalArgumentException naming paths that are missing, unexpected, or of another shape
    void load(long steps, Map<String, Tensor> state);

    /// Drops the gradients of all parameters.
    default void clearGradients() {
        groups().forEach(group -> group.parameters().values().forEach(parameter -> parameter.clearGradient()));
    }
}
