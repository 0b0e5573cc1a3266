package org.lehr.engine.tensor.op;

import java.util.Arrays;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// A tensor repeated.
public final class Repeat {

    private Repeat() {}

    /// The whole of `x` repeated `counts[d]` times along each dimension. `x [a, b], counts (2, 3) → [2a, 3b]`
    public static Tensor tile(Tensor x, long... counts) {
        if (counts.length != x.rank()) {
            throw new ShapeMismatchException(
                    "tile: needs a count for each dimension of " + x.shape() + ", got " + Arrays.toString(counts));
        }
        long[] single = new long[2 * x.rank()];
        long[] repeated = new long[2 * x.rank()];
        long[] joined = new long[x.rank()];
        for (int d = 0; d < x.rank(); d++) {
            single[2 * d] = 1;
            repeated[2 * d] = counts[d];
            single[2 * d + 1] = x.extent(d);
            repeated[2 * d + 1] = x.extent(d);
            joined[d] = counts[d] * x.extent(d);
        }
        return x.reshape(single).expand(repeated).reshape(joined);
    }

    /// Each element of `dimension` repeated `count` times in place. `x [..., n, ...] → [..., n·count, ...]`
    public static Tensor interleave(Tensor x, int dimension, long count) {
        int place = x.shape().dimension(dimension, "interleave");
        Tensor raised = x.unsqueeze(place + 1);
        return raised.expand(raised.shape().with(place + 1, count).toArray())
                .reshape(x.shape().with(place, x.extent(place) * count).toArray());
    }
}
