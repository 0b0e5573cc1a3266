package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.PartialOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Rows of a table at given places. `table [rows, n], indices int [...] → [..., n]`
public record Embedding() implements PartialOp {

    public static Tensor embedding(Tensor table, Tensor indices) {
        return Tensor.apply(new Embedding(), table, indices);
    }

    @Override
    public Tensor forward(Call call) {
        checkIndices(name(), call.dtype(1));
        if (call.shape(0).rank() != 2) {
            throw new ShapeMismatchException(name() + ": the table must be [rows, n], got " + call.shape(0));
        }
        Tensor out = call.empty(
                call.dtype(0), call.shape(1).then(Shape.of(call.shape(0).extent(1))));
        Tensor flat = call.input(1).reshape(call.shape(1).size()).contiguous();
        call.backend()
                .indexing()
                .selectRows(
                        out.reshape(flat.size(), call.shape(0).extent(1)).view(),
                        call.input(0).contiguous().view(),
                        flat.view());
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {
            Tensor.apply(
                    new EmbeddingGradient(call.shape(0).extent(0)),
                    dy.reshape(call.shape(1).size(), call.shape(0).extent(1)),
                    call.input(1)),
            null
        };
    }

    @Override
    public Tensor first(Call call, Tensor dy) {
        return EmbeddingGradient.sums(
                dy.reshape(call.shape(1).size(), call.shape(0).extent(1)), call.input(1), call.shape(0));
    }

    @Override
    public void accumulate(Call call, Tensor dy, Tensor sum) {
        Tensor rows = dy.reshape(call.shape(1).size(), call.shape(0).extent(1)).contiguous();
        Tensor flat = call.input(1).reshape(call.shape(1).size()).contiguous();
        call.backend().indexing().addRows(sum.view(), flat.view(), rows.view());
        sum.view().storage().written();
    }

    static void checkIndices(String operation, DType dtype) {
        if (dtype != DType.INT64 && dtype != DType.INT32) {
            throw new DTypeMismatchException(operation + ": indices must be int64 or int32, got " + dtype);
        }
    }
}
