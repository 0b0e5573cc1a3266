package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// The diagonals of matrices.
public final class Diagonal {

    private Diagonal() {}

    /// `out[..., i] = x[..., i, i]`. `x [..., m, n] → [..., min(m, n)]`
    public static Tensor diagonal(Tensor x) {
        if (x.rank() < 2) {
            throw new ShapeMismatchException("diagonal: needs a matrix, got " + x.shape());
        }
        long k = Math.min(x.extent(-2), x.extent(-1));
        Tensor square = x.slice(-2, 0, k);
        Shape column = square.shape().with(-1, 1);
        Tensor places = Range.range(x.device(), DType.INT64, k).unsqueeze(1).expand(column.toArray());
        return Gather.gather(square, -1, places).squeeze(-1);
    }
}
