package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Scan;

/// Running maximum along a dimension; the gradient goes to the first of several equal ones. `x [..., n, ...] → [..., n,
/// ...]`
public record CumulativeMax(int dimension) implements Op {

    public static Tensor cumulativeMax(Tensor x, int dimension) {
        return Tensor.apply(new CumulativeMax(x.shape().dimension(dimension, "cumulative_max")), x);
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        call.backend().reductions().scan(Scan.MAX, out.view(), call.input(0).view(), dimension, false);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor y = call.output().detach();
        long n = y.extent(dimension);
        if (n < 2) {
            return new Tensor[] {dy};
        }
        // The maximum at i stands at the last place up to i where the maximum rose.
        Tensor rose = Compare.notEqual(y.slice(dimension, 1, n), y.slice(dimension, 0, n - 1));
        Tensor first = Tensor.full(
                0, y.device(), DType.INT64, y.shape().with(dimension, 1).toArray());
        Tensor ones = Concat.concat(dimension, first, rose.to(DType.INT64));
        Tensor places = Range.along(ones, dimension).mul(ones);
        Tensor zeros = Tensor.full(0, y.device(), y.dtype(), y.shape().toArray());
        return new Tensor[] {ScatterAdd.scatterAdd(zeros, dimension, cumulativeMax(places, dimension), dy)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }

    @Override
    public boolean readsOutput() {
        return true;
    }
}
