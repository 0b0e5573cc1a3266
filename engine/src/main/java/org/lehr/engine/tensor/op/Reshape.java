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
        View view = call.input(0).layout();
        long[] extents = shape.toArray();
        long[] strides = strides(view, extents);
        if (strides == null) {
            view = call.input(0).contiguous().view();
            strides = View.rowMajorStrides(extents);
        }
        return new Tensor(new View(view.storage(), view.dtype(), view.offset(), extents, strides), call.device());
    }

    /// The strides under which `view`'s elements appear in the new shape, or null when no strides do that.
    private static long[] strides(View view, long[] extents) {
        long[] strides = View.rowMajorStrides(extents);
        if (view.isContiguous()) {
            return strides;
        }
        int to = extents.length - 1;
        int from = view.rank() - 1;
        while (from >= 0) {
            // Join old dimensions that stand densely behind each other, then cut the run into new ones.
            long run = view.shape()[from];
            long step = view.strides()[from];
            while (from > 0 && (view.shape()[from - 1] == 1 || view.strides()[from - 1] == run * step)) {
                run *= view.shape()[--from];
            }
            long left = run;
            while (to >= 0 && left % extents[to] == 0 && left > 1 || to >= 0 && extents[to] == 1) {
                strides[to] = step * (run / left);
                left /= extents[to--];
            }
            if (left != 1) {
                return null;
            }
            from--;
        }
        return strides;
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
        return new ShapeMismatchException(
                "reshape: " + x.size() + " elements of " + x.shape() + " do not fill " + Arrays.toString(extents));
    }
}
