package org.lehr.engine.nn.moe;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// Chooses experts for tokens, in three steps: scores, a choice by them, weights of what was chosen. Gradients flow
/// through scores and weights.
public abstract class Router extends Module {

    private final int experts;
    private List<UnaryOperator<Tensor>> selections = List.of();
    private List<Consumer<Routing>> observers = List.of();
    private long[] stepLoads;

    protected Router(int experts) {
        if (experts < 1) {
            throw new IllegalArgumentException("router: needs at least one expert, got " + experts);
        }
        this.experts = experts;
        this.stepLoads = new long[experts];
    }

    /// How well each expert suits each token.
    protected abstract Scores score(RouterInput input);

    /// The experts of each token, int64 `[b, t, s]`, −1 in slots that are not used. Nothing is recorded here.
    protected abstract Tensor select(Scores scores, RouterInput input);

    /// The weights of experts that were chosen. `indices [b, t, s] → [b, t, s]`
    protected abstract Tensor weigh(Scores scores, Tensor indices);

    /// How many experts a token has on average.
    public abstract double expertsPerToken();

    /// What the router does after a training step.
    ///
    /// @param loads how many slots each expert had in it
    protected void balance(long... loads) {}

    /// Whether it needs [RouterInput#attention].
    public boolean readsAttention() {
        return false;
    }

    public final int experts() {
        return experts;
    }

    /// Routes tokens and tells whoever looks on.
    public final Routing route(RouterInput input) {
        Scores scores = score(input);
        Tensor indices = Recording.off(() -> select(scores, input));
        Shape chosen = indices.shape();
        for (UnaryOperator<Tensor> selection : selections) {
            indices = selection.apply(indices);
        }
        if (!indices.shape().equals(chosen)) {
            throw new ShapeMismatchException(
                    "router: a replaced choice must have the shape " + chosen + ", got " + indices.shape());
        }
        long[] loads = Routing.count(experts, indices.toLongArray());
        for (int i = 0; i < experts; i++) {
            loads[i] += stepLoads[i];
        }
        if (isTraining()) {
            stepLoads = loads;
        }
        Routing routing = new Routing(experts, indices, weigh(scores, indices), scores, loads);
        observers.forEach(observer -> observer.accept(routing));
        return routing;
    }

    @Override
    protected final void onStep() {
        balance(stepLoads);
        stepLoads = new long[experts];
    }

    /// Adds a function that sees the chosen experts and returns them, or what is to take their place.
    public final GradientHook onSelection(UnaryOperator<Tensor> hook) {
        selections = Stream.concat(selections.stream(), Stream.of(hook)).toList();
        return () ->
                selections = selections.stream().filter(other -> other != hook).toList();
    }

    /// Adds a function that is told every routing.
    public final GradientHook onRouting(Consumer<Routing> observer) {
        observers = Stream.concat(observers.stream(), Stream.of(observer)).toList();
        return () -> observers =
                observers.stream().filter(other -> other != observer).toList();
    }
}
