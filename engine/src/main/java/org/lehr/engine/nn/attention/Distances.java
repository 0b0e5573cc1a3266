package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Range;
import org.lehr.kernels.DType;

/// How far keys are behind queries.
final class Distances {

    private Distances() {}

    /// How far each key is behind each query, negative where it is earlier, when the last key is at the place of
    /// the last
    /// query. `→ [queries, keys]`
    static Tensor of(long queries, long keys, DType dtype) {
        Tensor rows =
                Range.range(Device.current(), dtype, keys - queries, 1, queries).unsqueeze(1);
        Tensor columns = Range.range(Device.current(), dtype, keys).unsqueeze(0);
        return columns.sub(rows);
    }
}
