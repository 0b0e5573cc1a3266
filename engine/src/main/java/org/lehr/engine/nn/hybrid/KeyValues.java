package org.lehr.engine.nn.hybrid;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;

/// The keys and values that one place of a model has made of what it has read. They never change, so that sequences
/// may share them, and gradients flow through them. Where nothing is recorded, going on copies nothing but now and
/// then.
///
/// @param keys `[b, g, s, d]`
/// @param values `[b, g, s, d]`
/// @param room the memory that they stand in where there is more of it, else null
public record KeyValues(Tensor keys, Tensor values, Room room) {

    /// Memory for more positions than are known. The next ones belong to whoever writes them first, which the
    /// version
    /// of the storage tells.
    ///
    /// @param keys `[b, g, places, d]`
    /// @param values `[b, g, places, d]`
    /// @param version of the keys' storage when the last positions were written
    public record Room(Tensor keys, Tensor values, long version) {

        static Room with(long places, KeyValues known) {
            Room room = new Room(empty(places, known.keys), empty(places, known.values), 0);
            return room.write(0, known.keys, known.values).room;
        }

        private static Tensor empty(long places, Tensor like) {
            Shape shape = like.shape().with(2, places);
            return Tensor.empty("keys and values", like.device(), like.dtype(), shape);
        }

        boolean takes(long places) {
            return places <= keys.extent(2) && version == keys.storage().version();
        }

        /// These behind the first `from`.
        KeyValues write(long from, Tensor k, Tensor v) {
            long to = from + k.extent(2);
            keys.slice(2, from, to).copyFrom(k);
            values.slice(2, from, to).copyFrom(v);
            Room now = new Room(keys, values, keys.storage().version());
            return new KeyValues(keys.slice(2, 0, to), values.slice(2, 0, to), now);
        }
    }

    /// Those of nothing.
    static KeyValues none(Device device, DType dtype, long batch, long heads, long width) {
        Tensor empty = Tensor.full(0, device, dtype, batch, heads, 0, width);
        return new KeyValues(empty, empty, null);
    }

    /// How many positions they are of.
    public long length() {
        return keys.extent(2);
    }

    /// These and then those of the positions that follow.
    KeyValues then(Tensor k, Tensor v) {
        if (length() == 0) {
            return new KeyValues(k, v, null);
        }
        if (Recording.isOn()) {
            return new KeyValues(Concat.concat(2, keys, k), Concat.concat(2, values, v), null);
        }
        long places = length() + k.extent(2);
        Room into = room != null && room.takes(places) ? room : Room.with(2 * places, this);
        return into.write(length(), k, v);
    }
}
