package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Where in its plane the largest value of each window stands, `row·w + column`; the first of several equal ones, a NaN
/// before any number. No gradient. `x [b, c, h, w] → int64 [b, c, rows, columns]`
public record LargestPlace(Pool2d.Window window) implements Op {

    @Override
    public Tensor forward(Call call) {
        Rows.requireFloating(name(), call);
        Shape places = window.result("max_pool2d", call.shape(0));
        Tensor out = call.empty(DType.INT64, places);
        call.backend()
                .convolutions()
                .largest(out.view(), call.input(0).contiguous().view(), window.rows(), window.columns(), window.form());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[1];
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
