package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// A dimension made longer at both ends with `value`. `x [..., n, ...] → [..., before + n + after, ...]`
public record Pad(int dimension, long before, long after, double value) implements Op {

    public Pad {
        if (before < 0 || after < 0) {
            throw new IllegalArgumentException("pad: cannot pad by " + before + " and " + after);
        }
    }

    public static Tensor pad(Tensor x, int dimension, long before, long after, double value) {
        return Tensor.apply(new Pad(x.shape().dimension(dimension, "pad"), before, after, value), x);
    }

    @Override
    public Tensor forward(Call call) {
        Shape shape = call.shape(0);
        long n = shape.extent(dimension);
        Tensor out = call.empty(call.dtype(0), shape.with(dimension, before + n + after));
        out.fill(value);
        View place = out.slice(dimension, before, before + n).view();
        call.backend().pointwise().copy(place, call.input(0).view());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.slice(dimension, before, before + call.shape(0).extent(dimension))};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
