package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Tensor;

/// `exp(x − max)/Σ exp(x − max)` along the last dimension. `x [..., n] → [..., n]`
public record Softmax() implements FusedOp {

    /// Along any dimension.
    public static Tensor softmax(Tensor x, int dimension) {
        int place = x.shape().dimension(dimension, "softmax");
        return place == x.rank() - 1
                ? Tensor.apply(new Softmax(), x)
                : Tensor.apply(new Softmax(), x.transpose(place, -1)).transpose(place, -1);
    }

    @Override
    public Tensor forward(Call call) {
        Rows rows = Rows.of(name(), call);
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        call.backend().reductions().softmax(rows.flat(out), rows.flat(call.input(0)));
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Rows rows = Rows.of(name(), call);
        Tensor dx = call.empty(call.dtype(0), call.shape(0));
        call.backend().reductions().softmaxBackward(rows.flat(dx), rows.flat(call.output()), rows.flat(dy));
        return new Tensor[] {dx};
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        return LogSoftmax.shifted(inputs[0])
                .exp()
                .div(LogSoftmax.shifted(inputs[0]).exp().sum(true, -1));
    }

    @Override
    public boolean readsOutput() {
        return true;
    }
}
