package org.lehr.engine.tensor;

/// An operation whose backward pass is a kernel without a derivative of its own. [#composed] says the same in terms of
/// differentiable operations: it is the definition, the oracle of the tests, and what is differentiated when a graph of
/// the gradient is wanted.
public interface FusedOp extends Op {

    /// The result from recorded operations.
    Tensor composed(Tensor... inputs);
}
