package org.lehr.engine.tensor;

/// An operation with one input whose gradient is zero except in a part (a slice, a gather): instead of making a whole
/// gradient for each of many parts, the backward pass lets each add its part to one.
public interface PartialOp extends Op {

    /// Adds the gradient of the input to `sum`, which has the input's shape.
    void accumulate(Call call, Tensor dy, Tensor sum);
}
