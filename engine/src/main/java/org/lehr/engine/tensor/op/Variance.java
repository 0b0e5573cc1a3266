package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ReductionKernels.Reduction;
import org.lehr.kernels.pointwise.MulScalar;

/// The mean squared distance from the mean, over dimensions, which stay with extent 1; NaN of nothing.
/// `x [a, b] → [a, 1]`
///
/// @param unbiased whether to divide by `n − 1` instead of `n`
public record Variance(boolean unbiased, int... dimensions) implements Op {

    /// The variance of `dimensions`, or of all when none are named; they stay with extent 1 when `keep`.
    public static Tensor variance(Tensor x, boolean unbiased, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("variance", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Variance(unbiased, all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    @Override
    public Tensor forward(Call call) {
        Rows.requireFloating(name(), call);
        Tensor out = call.empty(call.dtype(0), Dimensions.reduced(call.shape(0), dimensions));
        call.backend()
                .reductions()
                .reduce(
                        Reduction.SUM_SQUARED_DEVIATIONS,
                        out.view(),
                        call.input(0).view(),
                        dimensions);
        MulScalar scale = new MulScalar(factor(call));
        call.backend().pointwise().map(scale, out.view(), out.view());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return new Tensor[] {x.sub(Mean.mean(x, true, dimensions)).mul(dy.mul(2 * factor(call)))};
    }

    private double factor(Call call) {
        long n = 1;
        for (int dimension : dimensions) {
            n *= call.shape(0).extent(dimension);
        }
        long freedom = unbiased ? n - 1 : n;
        return freedom > 0 ? 1.0 / freedom : Double.NaN;
    }
}
