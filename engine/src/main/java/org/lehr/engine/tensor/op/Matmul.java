package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Broadcast;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.MatmulKernels.Epilogue;

/// Matrix product of the last two dimensions, the others broadcast. `x [..., m, k], y [..., k, n] → [..., m, n]`
public record Matmul() implements Op {

    /// The product; a one-dimensional operand is a row (left) or a column (right) and disappears from the result.
    public static Tensor matmul(Tensor x, Tensor y) {
        if (x.rank() == 0 || y.rank() == 0) {
            throw new ShapeMismatchException("matmul: needs at least one dimension: " + x.shape() + " x " + y.shape());
        }
        Tensor left = x.rank() == 1 ? x.unsqueeze(0) : x;
        Tensor right = y.rank() == 1 ? y.unsqueeze(1) : y;
        Tensor product;
        if (right.rank() == 2 && left.rank() > 2 && left.isContiguous()) {
            // One tall product instead of a batch of small ones that share their right side.
            Shape outer = left.shape().slice(0, left.rank() - 1);
            Tensor flat = left.reshape(outer.size(), left.extent(-1));
            product = Tensor.apply(new Matmul(), flat, right)
                    .reshape(outer.then(Shape.of(right.extent(-1))).toArray());
        } else {
            product = Tensor.apply(new Matmul(), left, right);
        }
        Tensor withoutColumn = y.rank() == 1 ? product.squeeze(-1) : product;
        return x.rank() == 1 ? withoutColumn.squeeze(y.rank() == 1 ? -1 : -2) : withoutColumn;
    }

    @Override
    public Tensor forward(Call call) {
        Shape x = call.shape(0);
        Shape y = call.shape(1);
        if (call.dtype(0) != call.dtype(1) || !call.dtype(0).isFloating()) {
            throw new DTypeMismatchException(
                    "matmul: needs one floating dtype, got " + call.dtype(0) + " and " + call.dtype(1));
        }
        if (x.extent(-1) != y.extent(-2)) {
            throw new ShapeMismatchException("matmul: inner sizes differ: " + x + " x " + y);
        }
        Shape batch = Shape.broadcast("matmul", x.slice(0, x.rank() - 2), y.slice(0, y.rank() - 2));
        Shape rows = x.slice(x.rank() - 2, x.rank());
        Shape columns = y.slice(y.rank() - 2, y.rank());
        Tensor out = call.empty(call.dtype(0), batch.then(Shape.of(x.extent(-2), y.extent(-1))));
        Tensor a = Broadcast.expand("matmul", call.input(0), batch.then(rows));
        Tensor b = Broadcast.expand("matmul", call.input(1), batch.then(columns));
        call.backend().matmuls().matmul(out.view(), a.view(), b.view(), false, Epilogue.NONE);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor dx = null;
        Tensor dr = null;
        if (call.needs(0)) {
            dx = Broadcast.reduceTo(Tensor.apply(this, dy, call.input(1).transpose(-1, -2)), call.shape(0));
        }
        if (call.needs(1)) {
            dr = Broadcast.reduceTo(Tensor.apply(this, call.input(0).transpose(-1, -2), dy), call.shape(1));
        }
        return new Tensor[] {dx, dr};
    }
}
