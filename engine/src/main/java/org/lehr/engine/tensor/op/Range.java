package org.lehr.engine.tensor.op;

import java.util.Arrays;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Evenly spaced numbers.
public final class Range {

    private Range() {}

    /// `0, 1, ..., count − 1`. `→ dtype [count]`
    public static Tensor range(Device device, DType dtype, long count) {
        return range(device, dtype, 0, 1, count);
    }

    /// `start, start + step, ...`, `count` numbers. `→ dtype [count]`
    public static Tensor range(Device device, DType dtype, double start, double step, long count) {
        Tensor out = Tensor.empty("range", device, dtype, Shape.of(count));
        device.backend().pointwise().range(out.view(), start, step);
        return out;
    }

    /// `0, 1, ...` along `dimension` of `x`, with extent 1 in the others.
    static Tensor along(Tensor x, int dimension) {
        long[] extents = new long[x.rank()];
        Arrays.fill(extents, 1);
        extents[dimension] = x.extent(dimension);
        return range(x.device(), x.dtype(), x.extent(dimension)).reshape(extents);
    }
}
