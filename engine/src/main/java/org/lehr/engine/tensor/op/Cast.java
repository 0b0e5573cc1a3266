package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.fusion.Conversion;
import org.lehr.kernels.fusion.Fusion;

/// Conversion to another dtype; between floating types the gradient is converted back. `x [...] → dtype [...]`
public record Cast(DType dtype) implements Op {

    @Override
    public Tensor forward(Call call) {
        View in = call.input(0).layout();
        View later = Fusion.defer(
                call.backend(), new Conversion(dtype), dtype, call.shape(0).toArray(), in);
        if (later != null) {
            return new Tensor(later, call.device());
        }
        Tensor out = call.empty(dtype, call.shape(0));
        call.backend().pointwise().copy(out.view(), in);
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
