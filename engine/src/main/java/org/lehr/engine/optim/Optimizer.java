package org.lehr.engine.optim;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;

/// Changes parameters by their gradients. Hyper-parameters are schedules of the step, so the only mutable state is
/// the number of steps taken and the named tensors of [#state].
public interface Optimizer {

    /// Takes one step with the gradients that the parameters hold, each multiplied by `gradientScale` (for
    /// clipping and accumulation). Parameters without a gradient stay as they are. A gradient that is not
    /// finite makes what it touches not finite: only that element and its state, where elements are changed one by
    /// one.
    void step(double gradientScale);

    /// As [#step(double)] with the gradients as they are.
    default void step() {
        step(1);
    }

    /// As [#step(double)] for optimizers that look at the loss again; the others do not.
    ///
    /// @param evaluation the loss of this step; the gradients that the parameters hold are its own, unless
    ///     [#demand] is [Demand#LOSS]
    default void step(double gradientScale, Evaluation evaluation) {
        step(gradientScale);
    }

    /// What a step asks for besides the parameters.
    enum Demand {
        /// Gradients.
        GRADIENT,
        /// Gradients, and the loss to look at again.
        EVALUATION,
        /// The loss alone.
        LOSS,
        /// Each gradient as soon as it is complete, through [#arrived].
        ARRIVAL
    }

    /// Updates one parameter with its gradient, and drops that; the next [#step(double)] ends the step, and updates
    /// those that have a gradient still. For optimizers that demand [Demand#ARRIVAL].
    default void arrived(Parameter parameter) {
        throw new UnsupportedOperationException("optimizer: parameters are updated together; see inbackward");
    }

    /// Whether what becomes of a parameter depends on that parameter and its gradients alone.
    default boolean isSeparate() {
        return false;
    }

    /// What [#step(double, Evaluation)] asks for.
    default Demand demand() {
        return Demand.GRADIENT;
    }

    /// Runs `work`, such as a validation, with the values that are meant for use where those are others than
    /// the ones at which gradients are taken; afterwards the latter are back, with the same bits.
    default <T> T evaluating(Supplier<T> work) {
        return work.get();
    }

    /// Puts the values at which gradients are taken into parameters that hold those of [#evaluating], after a
    /// checkpoint was loaded.
    default void training() {}

    /// How many bytes the state takes.
    default long stateBytes() {
        return state().values().stream()
                .mapToLong(tensor -> tensor.size() * tensor.dtype().bytes())
                .sum();
    }

    /// How many steps were taken.
    long steps();

    /// The learning rate of the next step, before group factors.
    double rate();

    /// What is updated.
    List<ParameterGroup> groups();

    /// Takes over further parameters, such as those of classes met during training; their state begins as
    /// that of all others did, as if their first step were the first one.
    ///
    /// @throws IllegalArgumentException when a parameter or a path is there already
    void add(ParameterGroup group);

    /// The state tensors by path (`slot/parameter path`), over the optimizer's own memory.
    SequencedMap<String, Tensor> state();

    /// Keeps every state tensor elsewhere: each becomes what `where` makes of its path and itself, which must have
    /// the
    /// same shape, dtype and bits. The memory of those that are replaced is left to the caller.
    void relocate(BiFunction<String, Tensor, Tensor> where);

    /// Takes over the state of an optimizer that had taken `steps` steps, all or nothing.
    ///
    /// @throws IllegalArgumentException naming paths that are missing, unexpected, or of another shape
    void load(long steps, Map<String, Tensor> state);

    /// Drops the gradients of all parameters.
    default void clearGradients() {
        groups().forEach(group -> group.parameters().values().forEach(parameter -> parameter.clearGradient()));
    }
}
