package org.lehr.engine.nn;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.Tensor;

/// A module that maps one tensor to one tensor.
public abstract class Layer extends Module {

    private List<UnaryOperator<Tensor>> hooks = List.of();

    /// A layer that owns nothing yet.
    protected Layer() {}

    /// What the layer computes; callers use [#apply].
    protected abstract Tensor forward(Tensor x);

    /// Runs the layer and its hooks.
    public final Tensor apply(Tensor x) {
        Tensor y = forward(x);
        for (UnaryOperator<Tensor> hook : hooks) {
            y = hook.apply(y);
        }
        return y;
    }

    /// Adds a function that sees the layer's output and returns it, or what is to take its place.
    public final GradientHook onOutput(UnaryOperator<Tensor> hook) {
        hooks = Stream.concat(hooks.stream(), Stream.of(hook)).toList();
        return () -> hooks = hooks.stream().filter(other -> other != hook).toList();
    }
}
