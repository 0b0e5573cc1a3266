package org.lehr.engine.nn;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// A tensor that training changes. Its memory stays the same from step to step: optimizers and
/// checkpoints write into it.
public final class Parameter {

    private static final ScopedValue<Map<Parameter, Tensor>> SUBSTITUTES = ScopedValue.newInstance();

    private Tensor own;
    private boolean decays;
    private boolean frozen;
    private List<UnaryOperator<Tensor>> adaptations = List.of();

    /// A parameter that starts as `initial`; it outlives every scope.
    public Parameter(Tensor initial) {
        own = lasting(initial);
        decays = initial.rank() > 1;
    }

    private static Tensor lasting(Tensor value) {
        Tensor dense = value.contiguous().detach();
        dense.storage().complete();
        Scope.detach(dense.storage());
        return dense.requiringGradient();
    }

    /// Stores the value in another floating dtype, before training begins: optimizers made earlier do not
    /// see it.
    public void convert(DType dtype) {
        own = lasting(Recording.off(() -> own.to(dtype)));
    }

    /// Spares the parameter the pull of weight decay, for matrices that are no map but numbers with a meaning.
    public Parameter withoutDecay() {
        decays = false;
        return this;
    }

    /// Whether weight decay should pull it towards zero: matrices, unless they were spared, but no gains and
    /// biases.
    public boolean decays() {
        return decays;
    }

    /// The value that a forward pass uses: its own, or what [#substituting] put in its place, as adaptations change
    /// it.
    public Tensor value() {
        Tensor value = unadapted();
        for (UnaryOperator<Tensor> adaptation : adaptations) {
            value = adaptation.apply(value);
        }
        return value;
    }

    /// As [#value] before any adaptation: for layers that compute another layer's weight from its own and put it in
    /// its
    /// place, where adaptations see it.
    public Tensor unadapted() {
        Tensor value = SUBSTITUTES.isBound() ? SUBSTITUTES.get().getOrDefault(this, own) : own;
        return frozen && value == own ? own.detach() : value;
    }

    /// Makes the value a constant for forward passes, so that it gets no gradient and optimizers leave it, or
    /// trains it
    /// again.
    public void freeze(boolean on) {
        frozen = on;
    }

    /// Whether the value is a constant for forward passes.
    public boolean isFrozen() {
        return frozen;
    }

    /// Lets forward passes see what `adaptation` makes of the value, such as the sum with a small change that is
    /// trained
    /// instead; until the returned hook is removed. The shape must stay.
    public GradientHook adapt(UnaryOperator<Tensor> adaptation) {
        adaptations = Stream.concat(adaptations.stream(), Stream.of(adaptation)).toList();
        return () -> adaptations =
                adaptations.stream().filter(other -> other != adaptation).toList();
    }

    /// The value without any substitution.
    public Tensor own() {
        return own;
    }

    /// Overwrites the value; shapes must agree, dtypes are converted.
    public void set(Tensor value) {
        if (!value.shape().equals(own.shape())) {
            throw new IllegalArgumentException(
                    "parameter: expected the shape " + own.shape() + ", got " + value.shape());
        }
        Recording.off(() -> {
            own.copyFrom(value);
            return own;
        });
    }

    /// The gradient that backward passes have left, null when there is none.
    public Tensor gradient() {
        return own.gradient();
    }

    /// Drops the gradient and returns its memory.
    public void clearGradient() {
        if (own.gradient() != null) {
            own.gradient().storage().release();
            own.setGradient(null);
        }
    }

    /// Runs `work` with other tensors in place of parameters: a functional call. Calls may be nested; the
    /// inner one wins where both name a parameter.
    public static <T> T substituting(Map<Parameter, Tensor> substitutes, Supplier<T> work) {
        substitutes.forEach((parameter, tensor) -> {
            if (!tensor.shape().equals(parameter.own.shape())) {
                throw new IllegalArgumentException(
                        "substituting: expected the shape " + parameter.own.shape() + ", got " + tensor.shape());
            }
        });
        Map<Parameter, Tensor> all = new IdentityHashMap<>(substitutes());
        all.putAll(substitutes);
        return ScopedValue.where(SUBSTITUTES, all).call(work::get);
    }

    /// What stands in place of parameters here, for running the same again elsewhere.
    static Map<Parameter, Tensor> substitutes() {
        return SUBSTITUTES.isBound() ? SUBSTITUTES.get() : Map.of();
    }
}
