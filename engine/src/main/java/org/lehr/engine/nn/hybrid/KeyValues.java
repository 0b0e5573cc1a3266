package org.lehr.engine.nn.hybrid;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;

/// The keys and values that one place of a model has made of what it has read. They never change, so that sequences
/// may share them, and gradients flow through them; going on copies them, which costs what attending to them costs.
///
/// @param keys `[b, g, s, d]`
/// @param values `[b, g, s, d]`
public record KeyValues(Tensor keys, Tensor values) {

    /// Those of nothing.
    static KeyValues none(Device device, DType dtype, long batch, long heads, long width) {
        Tensor empty = Tensor.full(0, device, dtype, batch, heads, 0, width);
        return new KeyValues(empty, empty);
    }

    /// How many positions they are of.
    public long length() {
        return keys.extent(2);
    }

    /// These and then those of the positions that follow.
    KeyValues then(Tensor k, Tensor v) {
        return length() == 0
                ? new KeyValues(k, v)
                : new KeyValues(Concat.concat(2, keys, k), Concat.concat(2, values, v));
    }
}
