package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;

/// Keys and values that every query sees before those of the sequence, such as those of prefix tuning (Li, Liang 2021).
///
/// @param keys `[g, p, d]`
/// @param values `[g, p, d]`
public record KeyValuePrefix(Tensor keys, Tensor values) {

    public KeyValuePrefix {
        if (keys.rank() != 3 || !keys.shape().equals(values.shape())) {
            throw new ShapeMismatchException(
                    "prefix: keys and values must both be [g, p, d], got " + keys.shape() + " and " + values.shape());
        }
    }

    /// How many places there are.
    long length() {
        return keys.extent(1);
    }

    /// `[b, g, p, d]` for `rows` sequences.
    Tensor keysFor(long rows) {
        return each(keys, rows);
    }

    /// `[b, g, p, d]` for `rows` sequences.
    Tensor valuesFor(long rows) {
        return each(values, rows);
    }

    private static Tensor each(Tensor part, long rows) {
        return part.unsqueeze(0).expand(rows, part.extent(0), part.extent(1), part.extent(2));
    }

    /// A bias that adds nothing to the scores of the prefix. `[..., s] → [..., p + s]`
    Tensor before(Tensor bias) {
        if (bias == null) {
            return null;
        }
        long[] front = bias.shape().toArray();
        front[front.length - 1] = length();
        return Concat.concat(-1, Tensor.full(0, bias.device(), bias.dtype(), front), bias);
    }
}
