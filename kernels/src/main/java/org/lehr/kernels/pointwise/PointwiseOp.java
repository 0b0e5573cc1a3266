package org.lehr.kernels.pointwise;

import org.lehr.kernels.DType;

/// A function of one, two or three values, applied at every place of an array.
///
/// An operation is one file: its name, its scalar meaning in float64 (the reference, and what runs where the Vector API
/// is missing), and its lanes. Devices other than the CPU find their version by [#name].
public interface PointwiseOp {

    /// The operation's name in lower case with underscores: `gelu_tanh`.
    String name();

    /// How many inputs it takes: 1, 2 or 3.
    int arity();

    /// The dtype that comes out for these inputs: usually the inputs' common dtype, bool for comparisons.
    DType resultType(DType... inputs);
}
