package org.lehr.engine.tensor;

/// An operation on tensors: its result and its gradient, in one file. Users write their own in the same way and call
/// them with [Tensor#apply]. Implementations are usually records holding what is not a tensor.
///
/// Every operation is differentiable any number of times: [#backward] is written with recorded operations, or the
/// operation is a [FusedOp].
public interface Op {

    /// The name in messages: by default the class name with underscores, `MaskedFill` → `masked_fill`.
    default String name() {
        return OpNames.DEFAULT.get(getClass());
    }

    /// Computes the result. Checks shapes and dtypes first and throws a [TensorException] that names both sides.
    /// Nothing here is recorded, and memory taken here, other than the result and what is saved, is returned
    /// afterwards.
    Tensor forward(Call call);

    /// The gradients of the inputs, given the gradient `dy` of the result (same shape and dtype as the result);
    /// null at `i` where `call.needs(i)` is false or the gradient is zero. May return `dy` itself, or a view of it.
    Tensor[] backward(Call call, Tensor dy);

    /// Whether [#backward] reads the values of the inputs. Where it does not, they need not be kept.
    default boolean readsInputs() {
        return true;
    }

    /// Whether [#backward] reads the value of the result.
    default boolean readsOutput() {
        return false;
    }
}
