package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;

/// A dense row-major copy. `x [...] → [...]`
public record Contiguous() implements Op {

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        call.backend().pointwise().copy(out.view(), call.input(0).view());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
