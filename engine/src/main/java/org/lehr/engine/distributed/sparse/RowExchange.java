package org.lehr.engine.distributed.sparse;

import java.util.Arrays;
import org.lehr.engine.distributed.Communicator;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;

/// Rows that go to other ranks; their gradients come back. All ranks do it at the same place of their computations,
/// forward and backward. `x [Σ sent, n] → [Σ received, n]`
record RowExchange(Communicator communicator, long[] sent, long... received) implements Op {

    /// @param x rows for rank 0 first
    /// @return rows from rank 0 first
    static Tensor exchange(Communicator communicator, Tensor x, long[] sent, long... received) {
        return Tensor.apply(new RowExchange(communicator, sent, received), x);
    }

    @Override
    public Tensor forward(Call call) {
        Tensor out = call.empty(
                call.dtype(0),
                Shape.of(Arrays.stream(received).sum(), call.shape(0).extent(1)));
        communicator.allToAll(out, received, call.input(0).contiguous(), sent).await();
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {exchange(communicator, dy, received, sent)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
