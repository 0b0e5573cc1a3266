package org.lehr.engine.nn.pool;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Pool2d;

/// The largest value of each window. `x [b, c, h, w] → [b, c, rows, columns]`
public final class MaxPool2d extends Layer {

    private final Pool2d.Window window;

    /// Square windows side by side.
    public MaxPool2d(long size) {
        this(Pool2d.Window.of(size, size, 0));
    }

    public MaxPool2d(Pool2d.Window window) {
        this.window = window;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return Pool2d.max(x, window);
    }
}
