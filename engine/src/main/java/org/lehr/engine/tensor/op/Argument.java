package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Where along a dimension the largest or smallest value stands: the first of several equal ones, a NaN before any
/// number.
/// No gradient. `x [..., n, ...] → int64 [..., 1, ...]`
public record Argument(boolean largest, int dimension) implements Op {

    /// The place of the largest value along `dimension`, which disappears.
    public static Tensor argMax(Tensor x, int dimension) {
        int place = x.shape().dimension(dimension, "arg_max");
        return Dimensions.drop(Tensor.apply(new Argument(true, place), x), place);
    }

    /// The place of the smallest value along `dimension`, which disappears.
    public static Tensor argMin(Tensor x, int dimension) {
        int place = x.shape().dimension(dimension, "arg_min");
        return Dimensions.drop(Tensor.apply(new Argument(false, place), x), place);
    }

    @Override
    public String name() {
        return largest ? "arg_max" : "arg_min";
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(DType.INT64, call.shape(0).with(dimension, 1));
        if (call.shape(0).extent(dimension) == 0 && out.size() > 0) {
            throw new ShapeMismatchException(
                    name() + ": dimension " + dimension + " of " + call.shape(0) + " is empty");
        }
        call.backend().reductions().argument(largest, out.view(), call.input(0).view(), dimension);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[1];
    }
}
