package org.lehr.kernels.attention;

import java.util.List;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.View;

/// What attention over pages reads and writes, with its shapes checked against each other.
///
/// @param sizes of one query against all keys
record PagedCall(View out, View q, List<View> keys, List<View> values, Mask mask, Sizes sizes) {

    static PagedCall of(View out, View q, List<View> keys, List<View> values, Mask mask) {
        if (q.rank() != 4 || q.shape()[2] != 1 || keys.isEmpty() || keys.size() != values.size()) {
            throw new IllegalArgumentException("attention over pages: expected q [b, h, 1, d] and as many pages of keys"
                    + " as of values, got q " + q + ", keys " + keys + ", values " + values);
        }
        if (mask.keyPadding() != null) {
            throw new IllegalArgumentException(
                    "attention over pages: expected no key padding, got " + mask.keyPadding());
        }
        View first = keys.getFirst();
        long groups = first.rank() == 4 ? first.shape()[1] : 0;
        boolean heads = groups == 0 ? q.shape()[1] == 0 : q.shape()[1] % groups == 0;
        if (first.rank() != 4 || values.getFirst().rank() != 4 || !heads) {
            throw new IllegalArgumentException("attention over pages: shapes do not go together: q " + q + ", keys "
                    + first + ", values " + values.getFirst());
        }
        long b = q.shape()[0];
        long d = q.shape()[3];
        long e = values.getFirst().shape()[3];
        long s = 0;
        for (int page = 0; page < keys.size(); page++) {
            long rows = keys.get(page).rank() == 4 ? keys.get(page).shape()[2] : 0;
            Call.requireRows("page " + page + " of keys", keys.get(page), b, groups, rows, d);
            Call.requireRows("page " + page + " of values", values.get(page), b, groups, rows, e);
            s += rows;
        }
        Call.requireRows("q", q, b, q.shape()[1], 1, d);
        Call.requireRows("out", out, b, q.shape()[1], 1, e);
        if (mask.bias() != null) {
            Call.requireShape("bias", mask.bias(), b, q.shape()[1], 1, s);
        }
        Sizes sizes = new Sizes(b, q.shape()[1], groups, 1, Math.toIntExact(s), (int) d, (int) e);
        return new PagedCall(out, q, keys, values, mask, sizes);
    }

    /// The first key that the query sees.
    long first() {
        return Reach.of(mask, 1, sizes.s()).first(0);
    }
}
