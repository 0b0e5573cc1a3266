package org.lehr.engine.tensor.op;

import java.util.Arrays;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// The dimensions in another order, as a view: dimension `d` of the result is dimension `order[d]` of `x`.
/// `x [a, b, c], order (2, 0, 1) → [c, a, b]`
public record Permute(int... order) implements Op {

    @Override
    public Tensor forward(Call call) {
        View view = call.input(0).layout();
        int rank = view.rank();
        long[] extents = new long[rank];
        long[] strides = new long[rank];
        boolean[] seen = new boolean[rank];
        if (order.length != rank) {
            throw refuse(call);
        }
        for (int d = 0; d < rank; d++) {
            int from = call.shape(0).dimension(order[d], name());
            if (seen[from]) {
                throw refuse(call);
            }
            seen[from] = true;
            extents[d] = view.shape()[from];
            strides[d] = view.strides()[from];
        }
        return new Tensor(new View(view.storage(), view.dtype(), view.offset(), extents, strides), call.device());
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        int[] inverse = new int[order.length];
        for (int d = 0; d < order.length; d++) {
            inverse[call.shape(0).dimension(order[d], name())] = d;
        }
        return new Tensor[] {dy.permute(inverse)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }

    private ShapeMismatchException refuse(Call call) {
        return new ShapeMismatchException(name() + ": the order " + Arrays.toString(order)
                + " does not name each dimension of " + call.shape(0) + " once");
    }
}
