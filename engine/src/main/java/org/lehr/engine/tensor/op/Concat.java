package org.lehr.engine.tensor.op;

import java.util.Arrays;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// Tensors behind each other along a dimension. `x [..., n, ...], y [..., m, ...], ... → [..., n + m, ...]`
public record Concat(int dimension) implements Op {

    /// Joins `parts`, at least one.
    public static Tensor concat(int dimension, Tensor... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("concat: needs at least one tensor, got none");
        }
        return Tensor.apply(new Concat(parts[0].shape().dimension(dimension, "concat")), parts);
    }

    /// Joins `parts` of one shape along a new dimension. `x [...], y [...] → [..., 2, ...]`
    public static Tensor stack(int dimension, Tensor... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("stack: needs at least one tensor, got none");
        }
        Tensor[] raised =
                Arrays.stream(parts).map(part -> part.unsqueeze(dimension)).toArray(Tensor[]::new);
        return concat(dimension, raised);
    }

    @Override
    public Tensor forward(Call call) {
        Shape first = call.shape(0);
        long total = 0;
        for (int i = 0; i < call.count(); i++) {
            Shape shape = call.shape(i);
            if (shape.rank() != first.rank()
                    || !shape.with(dimension, first.extent(dimension)).equals(first)) {
                throw new ShapeMismatchException(name() + ": shapes must be equal except in dimension " + dimension
                        + ": " + first + " and " + shape);
            }
            if (call.dtype(i) != call.dtype(0)) {
                throw new DTypeMismatchException(
                        name() + ": dtypes differ: " + call.dtype(0) + " and " + call.dtype(i));
            }
            total += shape.extent(dimension);
        }
        Tensor out = call.empty(call.dtype(0), first.with(dimension, total));
        long from = 0;
        for (int i = 0; i < call.count(); i++) {
            long to = from + call.shape(i).extent(dimension);
            View place = out.slice(dimension, from, to).view();
            call.backend().pointwise().copy(place, call.input(i).view());
            from = to;
        }
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor[] gradients = new Tensor[call.count()];
        long from = 0;
        for (int i = 0; i < gradients.length; i++) {
            long to = from + call.shape(i).extent(dimension);
            gradients[i] = call.needs(i) ? dy.slice(dimension, from, to) : null;
            from = to;
        }
        return gradients;
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
