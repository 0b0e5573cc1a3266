package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.engine.tensor.op.Attention;

/// Fused attention, forward and backward: for each query and each key that it sees, two products of a head's width
/// forward and five backward.
public final class AttentionRows implements Rows {

    private static final long WIDTH = 64;

    @Override
    public Stream<Row> rows() {
        return Stream.of(
                causal("attention/causal/8x6x256x64", 8, 6, 6, 256),
                causal("attention/causal/8x6x1024x64", 8, 6, 6, 1024),
                causal("attention/grouped/8x6:2x256x64", 8, 6, 2, 256),
                window("attention/window256/2x6x1024x64", 2, 6, 1024, 256));
    }

    private static Row causal(String name, long batch, long heads, long keyHeads, long t) {
        long[] q = {batch, heads, t, WIDTH};
        long[] k = {batch, keyHeads, t, WIDTH};
        return Operation.both(
                name,
                cost(batch * heads, t * (t + 1) / 2),
                x -> Attention.causal(x[0], x[1], x[2]),
                x -> torch.scaled_dot_product_attention(
                        x[0], x[1], x[2], new TensorOptional(), 0, true, new DoubleOptional(), heads != keyHeads),
                q,
                k,
                k);
    }

    private static Row window(String name, long batch, long heads, long t, long window) {
        Attention form = new Attention(Double.NaN, true, window, false, false);
        long[] q = {batch, heads, t, WIDTH};
        return Operation.both(
                name,
                cost(batch * heads, window * (window + 1) / 2 + (t - window) * window),
                x -> org.lehr.engine.tensor.Tensor.apply(form, x),
                new Masked(t, window),
                q,
                q,
                q);
    }

    private static Cost cost(long heads, long pairs) {
        return Cost.operations(14.0 * heads * pairs * WIDTH);
    }

    /// The peer knows no window and is given a mask.
    private static final class Masked implements Operation.Theirs {

        private final long t;
        private final long window;
        private TensorOptional mask;

        Masked(long t, long window) {
            this.t = t;
            this.window = window;
        }

        @Override
        public Tensor of(Tensor... x) {
            if (mask == null) {
                Tensor ones = torch.ones(t, t);
                Tensor seen = ones.tril(0).sub(ones.tril(-window));
                mask = new TensorOptional(seen.to(torch.ScalarType.Bool).view(1, 1, t, t));
            }
            return torch.scaled_dot_product_attention(x[0], x[1], x[2], mask, 0, false, new DoubleOptional(), false);
        }
    }
}
