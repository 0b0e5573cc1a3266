package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;

/// Rows added up at given places of a table of zeros: the gradient of [Embedding].
/// `values [m, n], indices int [m] → [rows, n]`
record EmbeddingGradient(long rows) implements Op {

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(call.dtype(0), Shape.of(rows, call.shape(0).extent(1)));
        call.backend().pointwise().fill(out.view(), 0);
        Tensor flat = call.input(1).reshape(call.shape(1).size()).contiguous();
        call.backend()
                .indexing()
                .addRows(out.view(), flat.view(), call.input(0).contiguous().view());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor rowsOfGradient = Embedding.embedding(dy, call.input(1));
        return new Tensor[] {rowsOfGradient.reshape(call.shape(0).toArray()), null};
    }
}
