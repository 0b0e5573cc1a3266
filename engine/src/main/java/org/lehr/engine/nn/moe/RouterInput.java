package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// What a router may look at.
///
/// @param x what is routed, `[b, t, n]`
/// @param attention the weights of the attention before, averaged over its heads, `[b, t, t]`; null where the router
///     does not [read][Router#readsAttention] them
/// @param tokens the numbers of the tokens, int `[b, t]`; null where the router does not look at them
public record RouterInput(Tensor x, Tensor attention, Tensor tokens) {

    public RouterInput {
        if (x.rank() != 3 || !x.dtype().isFloating()) {
            throw new ShapeMismatchException("router: x must be floating [b, t, n], got " + x);
        }
        Shape places = x.shape().slice(0, 2);
        if (attention != null && !attention.shape().equals(places.then(Shape.of(x.extent(1))))) {
            throw new ShapeMismatchException(
                    "router: attention must be [b, t, t] for x " + x.shape() + ", got " + attention.shape());
        }
        if (tokens != null && !tokens.shape().equals(places)) {
            throw new ShapeMismatchException(
                    "router: tokens must be [b, t] for x " + x.shape() + ", got " + tokens.shape());
        }
    }

    /// Nothing but the vectors themselves; what is not `[b, t, n]` is one sequence. `x [..., n]`
    public static RouterInput of(Tensor x) {
        if (x.rank() == 0) {
            throw new ShapeMismatchException("router: x must be [..., n], got " + x.shape());
        }
        return new RouterInput(x.rank() == 3 ? x : x.reshape(1, -1, x.extent(-1)), null, null);
    }
}
