package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Dimensions turned around.
public final class Flip {

    private Flip() {}

    /// `x` with the last elements of `dimensions` first; a copy. `x [...] → [...]`
    public static Tensor flip(Tensor x, int... dimensions) {
        Tensor turned = x;
        for (int dimension : Dimensions.normalize("flip", x.shape(), dimensions)) {
            long n = x.extent(dimension);
            turned = IndexSelect.indexSelect(turned, dimension, Range.range(x.device(), DType.INT64, n - 1, -1, n));
        }
        return turned;
    }
}
