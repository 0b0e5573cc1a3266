package org.lehr.engine.nn.norm;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// Images, signals or rows whose dimension 1 is that of the channels: `[b, c, ...]`.
record Channels(String layer, long count) {

    Channels {
        if (count < 1) {
            throw new IllegalArgumentException(layer + ": needs at least one channel, got " + count);
        }
    }

    void check(Tensor x) {
        if (x.rank() < 2 || x.extent(1) != count) {
            throw new ShapeMismatchException(layer + ": x must be [b, " + count + ", ...], got " + x.shape());
        }
    }

    /// All dimensions but that of the channels.
    static int[] others(Tensor x) {
        return IntStream.range(0, x.rank()).filter(d -> d != 1).toArray();
    }

    /// One value per channel, `[c]`, in the shape and dtype in which it meets `x`.
    static Tensor along(Tensor values, Tensor x) {
        long[] extents = new long[x.rank()];
        Arrays.fill(extents, 1);
        extents[1] = values.size();
        return values.to(x.dtype()).reshape(extents);
    }
}
