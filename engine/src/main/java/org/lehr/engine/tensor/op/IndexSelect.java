package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// Whole slices at given places of one dimension.
public final class IndexSelect {

    private IndexSelect() {}

    /// `out[..., j, ...] = x[..., indices[j], ...]`. `x [..., n, ...], indices int [m] → [..., m, ...]`
    public static Tensor indexSelect(Tensor x, int dimension, Tensor indices) {
        int place = x.shape().dimension(dimension, "index_select");
        if (indices.rank() != 1) {
            throw new ShapeMismatchException(
                    "index_select: indices must be [m], got " + indices.shape() + " for x " + x.shape());
        }
        Tensor front = x.transpose(0, place);
        long n = front.extent(0);
        long width = front.shape().slice(1, x.rank()).size();
        Tensor rows = Embedding.embedding(front.reshape(n, width), indices);
        return rows.reshape(front.shape().with(0, indices.size()).toArray()).transpose(0, place);
    }
}
