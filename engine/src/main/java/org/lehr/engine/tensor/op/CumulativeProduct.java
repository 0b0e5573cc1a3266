package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Scan;

/// Running product along a dimension: element `i` is the product of elements `0..i`, or with `reverse` of `i` to the
/// last.
/// `x [..., n, ...] → [..., n, ...]`
///
/// The gradient takes memory for n numbers per element where `x` has zeros.
public record CumulativeProduct(int dimension, boolean reverse) implements Op {

    public static Tensor cumulativeProduct(Tensor x, int dimension) {
        return Tensor.apply(new CumulativeProduct(x.shape().dimension(dimension, "cumulative_product"), false), x);
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        call.backend().reductions().scan(Scan.PRODUCT, out.view(), call.input(0).view(), dimension, reverse);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        if (!hasZero(x)) {
            return new Tensor[] {
                Tensor.apply(new CumulativeSum(dimension, !reverse), dy.mul(call.output()))
                        .div(x)
            };
        }
        return new Tensor[] {
            withZeros(x.transpose(dimension, -1), dy.transpose(dimension, -1)).transpose(dimension, -1)
        };
    }

    @Override
    public boolean readsOutput() {
        return true;
    }

    /// `dx[i] = Σ dy[k]·Π x[j]` over the `k` that `x[i]` has a part in, and the `j ≠ i` that have one in `k`.
    private Tensor withZeros(Tensor x, Tensor dy) {
        long n = x.extent(-1);
        Tensor column = Range.range(x.device(), DType.INT64, n).unsqueeze(1);
        Tensor row = column.transpose(0, 1);
        Tensor others = Where.where(Compare.equal(column, row), x.scalarLike(1), x.unsqueeze(-2));
        Tensor products = Tensor.apply(new CumulativeProduct(x.rank(), reverse), others);
        Tensor reached = reverse ? Compare.lessOrEqual(row, column) : Compare.greaterOrEqual(row, column);
        return Where.where(reached, products.mul(dy.unsqueeze(-2)), x.scalarLike(0))
                .sum(-1);
    }

    static boolean hasZero(Tensor x) {
        return Quantify.any(Compare.equal(x, x.scalarLike(0)), false).toBooleanArray()[0];
    }
}
