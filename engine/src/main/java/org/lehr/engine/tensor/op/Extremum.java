package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ReductionKernels.Reduction;

/// The largest or the smallest value over dimensions, which stay with extent 1; NaN where one is NaN. Where several
/// are equal to it, they share the gradient equally. Over nothing `∓∞`. `x [a, b] → [a, 1]`
public record Extremum(boolean largest, int... dimensions) implements Op {

    /// The largest of `dimensions`, or of all when none are named; they stay with extent 1 when `keep`.
    public static Tensor max(Tensor x, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("max", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Extremum(true, all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    /// The smallest of `dimensions`, or of all when none are named; they stay with extent 1 when `keep`.
    public static Tensor min(Tensor x, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("min", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Extremum(false, all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    @Override
    public String name() {
        return largest ? "max" : "min";
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), Dimensions.reduced(call.shape(0), dimensions));
        Reduction reduction = largest ? Reduction.MAX : Reduction.MIN;
        call.backend().reductions().reduce(reduction, out.view(), call.input(0).layout(), dimensions);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        Tensor chosen = Compare.equal(x, call.output()).to(x.dtype());
        Tensor count = Sum.sum(chosen, true, dimensions);
        return new Tensor[] {dy.div(count).mul(chosen)};
    }

    @Override
    public boolean readsOutput() {
        return true;
    }
}
