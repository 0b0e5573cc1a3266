package org.lehr.kernels.fusion;

import org.lehr.kernels.DType;
import org.lehr.kernels.pointwise.PointwiseOp;

/// A change of dtype as a step of a [Chain], with the meaning of [org.lehr.kernels.PointwiseKernels#copy].
///
/// @param to the dtype that comes out
public record Conversion(DType to) implements PointwiseOp {

    @Override
    public String name() {
        return "convert";
    }

    @Override
    public int arity() {
        return 1;
    }

    @Override
    public DType resultType(DType... inputs) {
        return to;
    }
}
