package org.lehr.engine.tensor.op;

import java.util.Arrays;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// The same elements in row-major order in another shape; a view when `x` is dense, else a copy.
/// `x [a, b] → [a·b]`
public record Reshape(Shape shape) implements Op {

    /// Reshapes `x`; one extent may be −1 and is worked out from the others.
    public static Tensor reshape(Tensor x, long... extents) {
        int open = -1;
        long known = 1;
        for (int d = 0; d < extents.length; d++) {
            if (extents[d] == -1 && open < 0) {
                open = d;
            } else {
                known *= extents[d];
            }
        }
        long[] resolved = extents.clone();
        if (open >= 0) {
            if (known <= 0 || x.size() % known != 0) {
                throw refuse(x, extents);
            }
            resolved[open] = x.size() / known;
        } else if (known != x.size()) {
            throw refuse(x, extents);
        }
        return Tensor.apply(new Reshape(Shape.of(resolved)), x);
    }

    @Override
    public Tensor forward(Call call) {
        View dense = call.input(0).contiguous().view();
        long[] extents = shape.toArray();
        return new Tensor(
                new View(dense.storage(), dense.dtype(), dense.offset(), extents, View.rowMajorStrides(extents)),
                call.device());
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.reshape(call.shape(0).toArray())};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }

    private static ShapeMismatchException refuse(Tensor x, long[] extents) {
        return new ShapeMismatchException("reshape: " + x.size() + " elements of " + x.shape() + " do not fill "
                + Arrays.toString(extents));
    }
}
