package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ReductionKernels.Reduction;

/// `x − log Σ exp x` along the last dimension. `x [..., n] → [..., n]`
public record LogSoftmax() implements FusedOp {

    /// Along any dimension.
    public static Tensor logSoftmax(Tensor x, int dimension) {
        int place = x.shape().dimension(dimension, "log_softmax");
        return place == x.rank() - 1
                ? Tensor.apply(new LogSoftmax(), x)
                : Tensor.apply(new LogSoftmax(), x.transpose(place, -1)).transpose(place, -1);
    }

    /// `x` less its row maximum as a constant, which leaves every softmax and its gradients as they are.
    static Tensor shifted(Tensor x) {
        Shape shape = x.shape().with(-1, 1);
        Tensor max = Tensor.empty("log_softmax", x.device(), x.dtype(), shape);
        x.device().backend().reductions().reduce(Reduction.MAX, max.view(), x.view(), x.rank() - 1);
        return x.sub(max);
    }

    @Override
    public Tensor forward(Call call) {
        Rows rows = Rows.of(name(), call);
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        call.backend().reductions().logSoftmax(rows.flat(out), rows.flat(call.input(0)));
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Rows rows = Rows.of(name(), call);
        Tensor dx = call.empty(call.dtype(0), call.shape(0));
        call.backend().reductions().logSoftmaxBackward(rows.flat(dx), rows.flat(call.output()), rows.flat(dy));
        return new Tensor[] {dx};
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor shifted = shifted(inputs[0]);
        return shifted.sub(shifted.exp().sum(true, -1).log());
    }

    @Override
    public boolean readsOutput() {
        return true;
    }
}
