package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Tensor;

/// Elements replaced by a number.
public final class MaskedFill {

    private MaskedFill() {}

    /// `value` where `mask` is true, else `x`, broadcast. `x [...], mask bool [...] → [...]`
    public static Tensor maskedFill(Tensor x, Tensor mask, double value) {
        return Where.where(mask, x.scalarLike(value), x);
    }
}
