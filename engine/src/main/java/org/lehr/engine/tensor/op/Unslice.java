package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;

/// Zeros of `shape` with `x` written where `slice` would read: the gradient of a slice, and padding.
/// `x [..., m, ...] → [..., n, ...]`
public record Unslice(Slice slice, Shape shape) implements Op {

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), shape);
        out.fill(0);
        Tensor place = Tensor.apply(slice, out);
        call.backend().pointwise().copy(place.view(), call.input(0).view());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {Tensor.apply(slice, dy)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
