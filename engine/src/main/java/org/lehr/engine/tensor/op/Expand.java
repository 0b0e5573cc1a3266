package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Broadcast;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;

/// Dimensions of extent 1 repeated, as a view. `x [..., 1, ...] → [..., n, ...]`
public record Expand(Shape shape) implements Op {

    @Override
    public Tensor forward(Call call) {
        return Broadcast.expand(name(), call.input(0), shape);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {Broadcast.reduceTo(dy, call.shape(0))};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
