package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ReductionKernels.Reduction;

/// `log Σ exp x` over dimensions, which stay with extent 1; −∞ over nothing. `x [a, b] → [a, 1]`
public record LogSumExp(int... dimensions) implements Op {

    /// The log-sum-exp of `dimensions`, or of all when none are named; they stay with extent 1 when `keep`.
    public static Tensor logSumExp(Tensor x, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("logSumExp", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new LogSumExp(all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    @Override
    public Tensor forward(Call call) {
        Rows.requireFloating(name(), call);
        Tensor out = call.empty(call.dtype(0), Dimensions.reduced(call.shape(0), dimensions));
        call.backend()
                .reductions()
                .reduce(Reduction.LOGSUMEXP, out.view(), call.input(0).view(), dimensions);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        // A sum of nothing but exp(−∞) has no weights: −∞ − 0 rather than −∞ + ∞.
        Tensor y = call.output();
        Tensor finite = Where.where(Classify.isFinite(y), y, y.scalarLike(0));
        return new Tensor[] {dy.mul(call.input(0).sub(finite).exp())};
    }

    @Override
    public boolean readsOutput() {
        return true;
    }
}
