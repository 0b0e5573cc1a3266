package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ReductionKernels.Reduction;

/// `Σ|x|` or `√Σx²` over dimensions, which stay with extent 1; with gradient 0 where it has a corner.
/// `x [a, b] → [a, 1]`
///
/// @param order 1 or 2; for the largest absolute value see [#norm]
public record Norm(double order, int... dimensions) implements Op {

    public Norm {
        if (order != 1 && order != 2) {
            throw new IllegalArgumentException("norm: the order must be 1, 2 or infinity, got " + order);
        }
    }

    /// The norm of `order` 1, 2 or +∞ of `dimensions`, or of all when none are named; they stay with extent 1 when
    /// `keep`.
    public static Tensor norm(Tensor x, double order, boolean keep, int... dimensions) {
        if (order == Double.POSITIVE_INFINITY) {
            return Extremum.max(x.abs(), keep, dimensions);
        }
        int[] all = Dimensions.normalize("norm", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Norm(order, all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    @Override
    public Tensor forward(Call call) {
        Rows.requireFloating(name(), call);
        Tensor out = call.empty(call.dtype(0), Dimensions.reduced(call.shape(0), dimensions));
        Reduction reduction = order == 1 ? Reduction.SUM_ABSOLUTE : Reduction.SUM_SQUARES;
        call.backend().reductions().reduce(reduction, out.view(), call.input(0).view(), dimensions);
        if (order == 2) {
            call.backend().pointwise().map(org.lehr.kernels.pointwise.Sqrt.OP, out.view(), out.view());
        }
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        if (order == 1) {
            return new Tensor[] {PiecewiseConstant.sign(x).mul(dy)};
        }
        Tensor y = call.output();
        Tensor length = Where.where(Compare.equal(y, y.scalarLike(0)), y.scalarLike(1), y);
        return new Tensor[] {x.mul(dy.div(length))};
    }

    @Override
    public boolean readsOutput() {
        return true;
    }
}
