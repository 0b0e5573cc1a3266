package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Conversion to another dtype; between floating types the gradient is converted back. `x [...] → dtype [...]`
public record Cast(DType dtype) implements Op {

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(dtype, call.shape(0));
        call.backend().pointwise().copy(out.view(), call.input(0).view());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.to(call.dtype(0))};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
