package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.PartialOp;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// Every `step`-th element of one dimension from `from` to `to`, as a view. `x [..., n, ...] → [..., m, ...]`
public record Slice(int dimension, long from, long to, long step) implements PartialOp {

    /// Slices; places count from the end when negative, and `to` is cut to the extent.
    public static Tensor slice(Tensor x, int dimension, long from, long to, long step) {
        int place = x.shape().dimension(dimension, "slice");
        long extent = x.extent(place);
        long first = from < 0 ? from + extent : from;
        long last = Math.min(to < 0 ? to + extent : to, extent);
        if (first < 0 || first > extent || last < first || step < 1) {
            throw new IndexOutOfBoundsException("slice: from " + from + " to " + to + " by " + step + " of dimension "
                    + dimension + " of " + x.shape());
        }
        return Tensor.apply(new Slice(place, first, last, step), x);
    }

    @Override
    public Tensor forward(Call call) {
        View view = call.input(0).layout();
        long[] extents = view.shape().clone();
        long[] strides = view.strides().clone();
        extents[dimension] = (to - from + step - 1) / step;
        long offset = view.offset() + from * strides[dimension];
        strides[dimension] *= step;
        return new Tensor(new View(view.storage(), view.dtype(), offset, extents, strides), call.device());
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {Tensor.apply(new Unslice(this, call.shape(0)), dy)};
    }

    @Override
    public void accumulate(Call call, Tensor dy, Tensor sum) {
        Tensor.apply(this, sum).addInPlace(dy);
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
