package org.lehr.engine.nn.pool;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Pool2d;

/// The mean of each window. `x [b, c, h, w] → [b, c, rows, columns]`
public final class AvgPool2d extends Layer {

    private final Pool2d.Window window;
    private final boolean countPadding;

    /// Square windows side by side.
    public AvgPool2d(long size) {
        this(Pool2d.Window.of(size, size, 0), true);
    }

    /// @param countPadding whether zeros outside the image count
    public AvgPool2d(Pool2d.Window window, boolean countPadding) {
        this.window = window;
        this.countPadding = countPadding;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return Pool2d.mean(x, window, countPadding);
    }
}
