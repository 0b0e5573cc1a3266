package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// Rows added up at given places of a table of zeros, repeated places in order: what [Embedding] undoes.
public final class RowSum {

    private RowSum() {}

    /// `out[r, :] = Σ values[i, :]` over the `i` with `indices[i] = r`. `values [m, n], indices int [m] → [rows,
    /// n]`
    public static Tensor rowSum(Tensor values, Tensor indices, long rows) {
        if (values.rank() != 2 || !indices.shape().equals(Shape.of(values.extent(0)))) {
            throw new ShapeMismatchException(
                    "row_sum: needs values [m, n] and indices [m], got " + values.shape() + " and " + indices.shape());
        }
        Embedding.checkIndices("row_sum", indices.dtype());
        return Tensor.apply(new EmbeddingGradient(rows), values, indices);
    }
}
