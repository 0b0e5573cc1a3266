package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ReductionKernels.Reduction;

/// Mean over dimensions, which stay with extent 1; NaN over nothing. `x [a, b] → [a, 1]`
public record Mean(int... dimensions) implements Op {

    /// Averages `dimensions` of `x`, or all when none are named; they stay with extent 1 when `keep`.
    public static Tensor mean(Tensor x, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("mean", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Mean(all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), Dimensions.reduced(call.shape(0), dimensions));
        call.backend()
                .reductions()
                .reduce(Reduction.MEAN, out.view(), call.input(0).layout(), dimensions);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        double count = (double) call.shape(0).size() / Math.max(dy.size(), 1);
        return new Tensor[] {dy.div(count).expand(call.shape(0).toArray())};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
