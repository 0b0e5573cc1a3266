package org.lehr.engine.autograd;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;

/// The same values as a place of its own in the graph. `x [...] → [...]`
record Alias() implements Op {

    @Override
    public Tensor forward(Call call) {
        return call.input(0).detach();
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
