package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;

/// Whether a bool holds anywhere, or everywhere, over dimensions, which stay with extent 1. `x bool [a, b] → bool [a,
/// 1]`
public record Quantify(boolean every, int... dimensions) implements Op {

    /// Whether any is true of `dimensions`, or of all when none are named; they stay with extent 1 when `keep`.
    public static Tensor any(Tensor x, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("any", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Quantify(false, all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    /// Whether all are true of `dimensions`, or of all when none are named; they stay with extent 1 when `keep`.
    public static Tensor all(Tensor x, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("all", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Quantify(true, all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    @Override
    public String name() {
        return every ? "all" : "any";
    }

    @Override
    public Tensor forward(Call call) {
        if (call.dtype(0) != DType.BOOL) {
            throw new DTypeMismatchException(name() + ": needs bool, got " + call.dtype(0));
        }
        Tensor out = call.empty(DType.BOOL, Dimensions.reduced(call.shape(0), dimensions));
        Reduction reduction = every ? Reduction.ALL : Reduction.ANY;
        call.backend().reductions().reduce(reduction, out.view(), call.input(0).view(), dimensions);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[1];
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
