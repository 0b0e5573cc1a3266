package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// Elements along one dimension at given places: `out[i, j, l] = x[i, indices[i, j, l], l]` for dimension 1.
/// `x [a, n, c], indices int [a, m, c] → [a, m, c]`
public record Gather(int dimension) implements Op {

    public static Tensor gather(Tensor x, int dimension, Tensor indices) {
        return Tensor.apply(new Gather(x.shape().dimension(dimension, "gather")), x, indices);
    }

    @Override
    public Tensor forward(Call call) {
        check(name(), call.shape(0), call.shape(1), dimension);
        Embedding.checkIndices(name(), call.dtype(1));
        Tensor out = call.empty(call.dtype(0), call.shape(1));
        call.backend().indexing().gather(fold(out), fold(call.input(0)), fold(call.input(1)));
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor zeros =
                Tensor.full(0, call.device(), call.dtype(0), call.shape(0).toArray());
        return new Tensor[] {ScatterAdd.scatterAdd(zeros, dimension, call.input(1), dy), null};
    }

    /// A dense view with the dimensions before and after `dimension` folded together.
    View fold(Tensor tensor) {
        View dense = tensor.contiguous().view();
        Shape shape = tensor.shape();
        long[] folded = {
            shape.slice(0, dimension).size(),
            shape.extent(dimension),
            shape.slice(dimension + 1, shape.rank()).size()
        };
        return new View(dense.storage(), dense.dtype(), dense.offset(), folded, View.rowMajorStrides(folded));
    }

    static void check(String operation, Shape x, Shape indices, int dimension) {
        boolean fits = x.rank() == indices.rank() && x.rank() > 0;
        for (int d = 0; fits && d < x.rank(); d++) {
            fits = d == dimension || x.extent(d) == indices.extent(d);
        }
        if (!fits) {
            throw new ShapeMismatchException(operation + ": indices must have the shape of x except in dimension "
                    + dimension + ", got x " + x + " and indices " + indices);
        }
    }
}
