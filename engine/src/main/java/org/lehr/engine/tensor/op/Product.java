package org.lehr.engine.tensor.op;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ReductionKernels.Reduction;

/// The product over dimensions, which stay with extent 1; 1 over nothing. `x [a, b] → [a, 1]`
public record Product(int... dimensions) implements Op {

    /// The product of `dimensions`, or of all when none are named; they stay with extent 1 when `keep`.
    public static Tensor product(Tensor x, boolean keep, int... dimensions) {
        int[] all = Dimensions.normalize("product", x.shape(), dimensions);
        Tensor kept = Tensor.apply(new Product(all), x);
        return keep ? kept : Dimensions.drop(kept, all);
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), Dimensions.reduced(call.shape(0), dimensions));
        call.backend()
                .reductions()
                .reduce(Reduction.PRODUCT, out.view(), call.input(0).view(), dimensions);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        if (!CumulativeProduct.hasZero(x)) {
            return new Tensor[] {dy.mul(call.output()).div(x)};
        }
        int[] order = IntStream.concat(
                        IntStream.range(0, x.rank()).filter(d -> Arrays.binarySearch(dimensions, d) < 0),
                        Arrays.stream(dimensions))
                .toArray();
        int[] inverse = new int[order.length];
        for (int d = 0; d < order.length; d++) {
            inverse[order[d]] = d;
        }
        Tensor moved = x.permute(order);
        Tensor rows = moved.reshape(dy.size(), x.size() / dy.size());
        Tensor gradient = others(rows).mul(dy.permute(order).reshape(dy.size(), 1));
        return new Tensor[] {gradient.reshape(moved.shape().toArray()).permute(inverse)};
    }

    @Override
    public boolean readsOutput() {
        return true;
    }

    /// For each element the product of the others of its row: of those before it times of those behind it.
    private static Tensor others(Tensor rows) {
        Tensor one = Tensor.full(1, rows.device(), rows.dtype(), rows.extent(0), 1);
        Tensor before = Concat.concat(1, one, rows.slice(1, 0, rows.extent(1) - 1));
        Tensor behind = Concat.concat(1, rows.slice(1, 1, rows.extent(1)), one);
        return CumulativeProduct.cumulativeProduct(before, 1).mul(Tensor.apply(new CumulativeProduct(1, true), behind));
    }
}
