package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A product with a matrix of its own for each group of rows: rows `[o[i], o[i + 1])` of the result are those of `x`
/// times matrix `i`. What a mixture of experts does with its sorted rows; groups may be empty.
/// `x [m, k], weights [g, k, n], offsets int64 [g + 1] → [m, n]`
///
/// Weights stored as rows of outputs, `[g, n, k]`, are passed transposed: they are read where they stand, and their
/// gradient is written in their layout.
public record GroupedMatmul() implements Op {

    /// @param offsets where the groups begin, ascending from 0 to the number of rows
    public static Tensor groupedMatmul(Tensor x, Tensor weights, Tensor offsets) {
        return Tensor.apply(new GroupedMatmul(), x, weights, offsets);
    }

    @Override
    public Tensor forward(Call call) {
        Shape x = call.shape(0);
        Shape weights = call.shape(1);
        boolean fits = x.rank() == 2 && weights.rank() == 3 && x.extent(1) == weights.extent(1);
        if (!fits || !call.shape(2).equals(Shape.of(weights.extent(0) + 1))) {
            throw new ShapeMismatchException("grouped_matmul: needs x [m, k], weights [g, k, n] and offsets [g + 1],"
                    + " got " + x + ", " + weights + " and " + call.shape(2));
        }
        requireDTypes(name(), call);
        Tensor out = call.empty(call.dtype(0), Shape.of(x.extent(0), weights.extent(2)));
        call.backend()
                .matmuls()
                .groupedMatmul(
                        out.view(),
                        call.input(0).view(),
                        call.input(1).view(),
                        call.input(2).view(),
                        false);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        Tensor weights = call.input(1);
        Tensor offsets = call.input(2);
        Tensor dWeights = null;
        if (call.needs(1)) {
            boolean transposed =
                    weights.layout().strides()[1] < weights.layout().strides()[2];
            dWeights = transposed
                    ? GroupedOuterProduct.of(dy, x, offsets).transpose(1, 2)
                    : GroupedOuterProduct.of(x, dy, offsets);
        }
        return new Tensor[] {call.needs(0) ? groupedMatmul(dy, weights.transpose(1, 2), offsets) : null, dWeights, null
        };
    }

    static void requireDTypes(String operation, Call call) {
        if (call.dtype(0) != call.dtype(1) || !call.dtype(0).isFloating() || call.dtype(2) != DType.INT64) {
            throw new DTypeMismatchException(operation + ": needs one floating dtype and int64 offsets, got "
                    + call.dtype(0) + ", " + call.dtype(1) + " and " + call.dtype(2));
        }
    }
}
