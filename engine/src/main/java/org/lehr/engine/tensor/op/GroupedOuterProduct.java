package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// The sum of the outer products of the rows of each group, linear in both inputs: the gradient of [GroupedMatmul] with
/// respect to its matrices. An empty group gives zeros.
/// `x [m, k], y [m, n], offsets int64 [g + 1] → [g, k, n]`
record GroupedOuterProduct() implements Op {

    static Tensor of(Tensor x, Tensor y, Tensor offsets) {
        return Tensor.apply(new GroupedOuterProduct(), x, y, offsets);
    }

    @Override
    public Tensor forward(Call call) {
        Shape x = call.shape(0);
        Shape y = call.shape(1);
        Shape offsets = call.shape(2);
        boolean fits = x.rank() == 2 && y.rank() == 2 && x.extent(0) == y.extent(0);
        if (!fits || offsets.rank() != 1 || offsets.size() == 0) {
            throw new ShapeMismatchException("grouped_outer_product: needs x [m, k], y [m, n] and offsets [g + 1], got "
                    + x + ", " + y + " and " + offsets);
        }
        GroupedMatmul.requireDTypes(name(), call);
        Tensor out = call.empty(call.dtype(0), Shape.of(offsets.size() - 1, x.extent(1), y.extent(1)));
        call.backend()
                .matmuls()
                .groupedGradient(
                        out.view(),
                        call.input(0).view(),
                        call.input(1).view(),
                        call.input(2).view(),
                        false);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor offsets = call.input(2);
        return new Tensor[] {
            call.needs(0) ? GroupedMatmul.groupedMatmul(call.input(1), dy.transpose(1, 2), offsets) : null,
            call.needs(1) ? GroupedMatmul.groupedMatmul(call.input(0), dy, offsets) : null,
            null
        };
    }
}
