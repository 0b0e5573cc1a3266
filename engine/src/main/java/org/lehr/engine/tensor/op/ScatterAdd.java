package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// `x` with values added at given places of one dimension, repeated places in order.
/// `x [a, n, c], indices int [a, m, c], values [a, m, c] → [a, n, c]`
public record ScatterAdd(int dimension) implements Op {

    public static Tensor scatterAdd(Tensor x, int dimension, Tensor indices, Tensor values) {
        return Tensor.apply(new ScatterAdd(x.shape().dimension(dimension, "scatter_add")), x, indices, values);
    }

    @Override
    public Tensor forward(Call call) {
        Gather.check(name(), call.shape(0), call.shape(1), dimension);
        Embedding.checkIndices(name(), call.dtype(1));
        if (!call.shape(1).equals(call.shape(2))) {
            throw new ShapeMismatchException(name() + ": indices and values must have one shape, got " + call.shape(1)
                    + " and " + call.shape(2));
        }
        Gather folding = new Gather(dimension);
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        out.copyFrom(call.input(0));
        call.backend()
                .indexing()
                .scatterAdd(folding.fold(out), folding.fold(call.input(1)), folding.fold(call.input(2)));
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy, null, call.needs(2) ? Gather.gather(dy, dimension, call.input(1)) : null};
    }
}
