package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Rows added up at given places of a table of zeros: the gradient of [Embedding].
/// `values [m, n], indices int [m] → [rows, n]`
record EmbeddingGradient(long rows) implements Op {

    @Override
    public Tensor forward(Call call) {
        return sums(call.input(0), call.input(1), Shape.of(rows, call.shape(0).extent(1)));
    }

    /// The sums as a new tensor of this shape.
    static Tensor sums(Tensor values, Tensor indices, Shape shape) {
        Device device = values.device();
        long bytes = Math.multiplyExact(shape.size(), (long) values.dtype().bytes());
        Storage storage = device.backend().allocateForSums(bytes, "embedding_gradient");
        Tensor out = new Tensor(View.rowMajor(storage, values.dtype(), shape.toArray()), device);
        Tensor flat = indices.reshape(indices.size()).contiguous();
        device.backend()
                .indexing()
                .rowSums(out.view(), flat.view(), values.contiguous().view());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor rowsOfGradient = Embedding.embedding(dy, call.input(1));
        return new Tensor[] {rowsOfGradient.reshape(call.shape(0).toArray()), null};
    }
}
