package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// The values of `replacement` with the gradient of the identity (Bengio, Léonard, Courville 2013): how what is rounded
/// is trained. `x [...], replacement [...] → [...]`
public record StraightThrough() implements Op {

    public static Tensor straightThrough(Tensor x, Tensor replacement) {
        return Tensor.apply(new StraightThrough(), x, replacement);
    }

    @Override
    public Tensor forward(Call call) {
        if (!call.shape(0).equals(call.shape(1)) || call.dtype(0) != call.dtype(1)) {
            throw new ShapeMismatchException(name() + ": both inputs must be alike, got " + call.dtype(0) + " "
                    + call.shape(0) + " and " + call.dtype(1) + " " + call.shape(1));
        }
        return call.input(1);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy, null};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
