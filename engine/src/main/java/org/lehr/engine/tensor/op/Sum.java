package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;

/// Sum over dimensions, which stay with extent 1. Sums of bool count into int64. `x [a, b] → [a, 1]`
public record Sum(int... dimensions) implements Op {

    /// Sums `dimensions` of `x`, or all when none are named; they stay with extent 1 when `keep`.
    public static Tensor sum(Tensor x, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("sum", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Sum(all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    @Override
    public Tensor forward(Call call) {
        DType type = call.dtype(0) == DType.BOOL ? DType.INT64 : call.dtype(0);
        Tensor out = call.empty(type, Dimensions.reduced(call.shape(0), dimensions));
        call.backend()
                .reductions()
                .reduce(Reduction.SUM, out.view(), call.input(0).layout(), dimensions);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Shape shape = call.shape(0);
        return new Tensor[] {dy.expand(shape.toArray())};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
