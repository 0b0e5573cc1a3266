package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Logical;
import org.lehr.engine.tensor.op.Range;
import org.lehr.kernels.DType;

/// Which keys a query may see. A query that sees none gives zeros.
///
/// @param causal whether query `i` sees only keys `j ≤ i + (s − t)`, for `t` queries behind the same number of keys
/// @param window how many keys back a query sees, 0 for all; needs `causal`
/// @param hidden true where a query must not see a key, besides; `bool`, broadcastable to `[b, h, t, s]`; or null
/// @param padding true where a key is no key; `bool [b, s]`; or null
public record AttentionMask(boolean causal, long window, Tensor hidden, Tensor padding) {

    /// Every query sees every key.
    public static final AttentionMask FULL = new AttentionMask(false, 0, null, null);

    /// No query sees a later key.
    public static final AttentionMask CAUSAL = new AttentionMask(true, 0, null, null);

    public AttentionMask {
        if (window < 0 || window > 0 && !causal) {
            throw new IllegalArgumentException(
                    "attention mask: a window must not be negative and needs causal attention, got " + window
                            + (causal ? "" : " without causal"));
        }
        requireBool("hidden places", hidden);
        requireBool("key padding", padding);
    }

    private static void requireBool(String what, Tensor mask) {
        if (mask != null && mask.dtype() != DType.BOOL) {
            throw new IllegalArgumentException("attention mask: " + what + " must be bool, got " + mask.dtype());
        }
    }

    /// No query sees a later key, or one that is `window` or more places back.
    public static AttentionMask window(long window) {
        return new AttentionMask(true, window, null, null);
    }

    /// The first `lengths[i]` keys of row `i` are seen by all, the others by no earlier query: a prefix that is
    /// read in both directions.
    ///
    /// @param length t, of the sequences, prefixes included
    public static AttentionMask prefix(long[] lengths, long length) {
        for (long prefix : lengths) {
            if (prefix < 0 || prefix > length) {
                throw new IllegalArgumentException(
                        "attention mask: a prefix of a sequence of " + length + " cannot have length " + prefix);
            }
        }
        Tensor places = Range.range(Device.current(), DType.INT64, length);
        Tensor later = Compare.greater(places.reshape(1, 1, 1, length), places.reshape(1, 1, length, 1));
        Tensor behind =
                Compare.greaterOrEqual(places.reshape(1, 1, 1, length), Tensor.of(lengths, lengths.length, 1, 1, 1));
        return new AttentionMask(false, 0, Logical.and(later, behind), null);
    }

    /// Queries see the keys where `visible` is true. `bool`, broadcastable to `[b, h, t, s]`
    public static AttentionMask visible(Tensor visible) {
        requireBool("visible places", visible);
        return new AttentionMask(false, 0, Logical.not(visible), null);
    }

    /// This for keys of which some are none.
    ///
    /// @param keys true where a key is no key, `bool [b, s]`
    public AttentionMask padded(Tensor keys) {
        if (keys.rank() != 2) {
            throw new ShapeMismatchException("attention mask: key padding must be [b, s], got " + keys.shape());
        }
        return new AttentionMask(causal, window, hidden, keys);
    }

    /// This for `keys` keys before which there are `places` further ones that all queries see.
    AttentionMask behind(long places, long queries, long keys) {
        Tensor all = window == 0 ? hidden : either(hidden, outsideWindow(queries, keys));
        return new AttentionMask(causal && window == 0, 0, behind(all, places, keys), behind(padding, places, keys));
    }

    private Tensor outsideWindow(long queries, long keys) {
        Tensor distances = Distances.of(queries, keys, DType.INT64);
        Tensor later = Compare.greater(distances, Tensor.full(0, Device.current(), DType.INT64));
        Tensor back = Compare.lessOrEqual(distances, Tensor.full(-window, Device.current(), DType.INT64));
        return Logical.or(later, back);
    }

    private static Tensor either(Tensor first, Tensor second) {
        return first == null ? second : Logical.or(first, second);
    }

    private static Tensor behind(Tensor mask, long places, long keys) {
        if (mask == null) {
            return null;
        }
        long[] shape = mask.shape().toArray();
        shape[shape.length - 1] = keys;
        Tensor rest = mask.expand(shape);
        shape[shape.length - 1] = places;
        return Concat.concat(-1, Tensor.full(0, Device.current(), DType.BOOL, shape), rest);
    }
}
