package org.lehr.engine.nn.pool;

import java.util.stream.IntStream;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// The mean of each channel. `x [b, c, ...] → [b, c]`
public final class GlobalAvgPool extends Layer {

    /// Nothing to choose.
    public GlobalAvgPool() {}

    @Override
    protected Tensor forward(Tensor x) {
        if (x.rank() < 2) {
            throw new ShapeMismatchException("global average: x must be [b, c, ...], got " + x.shape());
        }
        return x.rank() == 2 ? x : x.mean(IntStream.range(2, x.rank()).toArray());
    }
}
