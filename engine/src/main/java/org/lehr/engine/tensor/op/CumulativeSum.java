package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ReductionKernels.Scan;

/// Running sum along a dimension: element `i` is the sum of elements `0..i`, or with `reverse` of `i` to the last.
/// `x [..., n, ...] → [..., n, ...]`
public record CumulativeSum(int dimension, boolean reverse) implements Op {

    public static Tensor cumulativeSum(Tensor x, int dimension) {
        return Tensor.apply(new CumulativeSum(x.shape().dimension(dimension, "cumulative_sum"), false), x);
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        call.backend().reductions().scan(Scan.SUM, out.view(), call.input(0).view(), dimension, reverse);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {Tensor.apply(new CumulativeSum(dimension, !reverse), dy)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
