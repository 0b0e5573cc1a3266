package org.lehr.engine.tensor;

/// An operation with one input whose gradient is zero except in a part (a slice, a gather): instead of making a whole
/// gradient for each of many parts, the backward pass lets each add its part to one.
public interface PartialOp extends Op {

    /// The gradient of the input, in memory of its own.
    default Tensor first(Call call, Tensor dy) {
        Tensor sum = Tensor.full(0, call.device(), call.dtype(0), call.shape(0).toArray());
        accumulate(call, dy, sum);
        return sum;
    }

    /// Adds the gradient of the input to `sum`, which has the input's shape, and notes that in its storage.
    void accumulate(Call call, Tensor dy, Tensor sum);
}
