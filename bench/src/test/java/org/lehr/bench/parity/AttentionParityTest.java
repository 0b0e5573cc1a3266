package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.tensor.op.Attention;

/// Attention beside libtorch's `scaled_dot_product_attention`.
@NeedsPeer
class AttentionParityTest {

    private static final double USUAL = Double.NaN;

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> attention() {
        for (long[] q : new long[][] {{2, 3, 17, 8}, {1, 1, 1, 1}, {1, 2, 67, 64}, {3, 2, 130, 5}}) {
            parity.add("causal", q[2], x -> Attention.causal(x[0], x[1], x[2]), x -> peer(true, x), q, q, q);
            parity.add("full", q[2], x -> Attention.full(x[0], x[1], x[2]), x -> peer(false, x), q, q, q);
        }
        parity.add(
                "more keys than queries",
                41,
                x -> Attention.full(x[0], x[1], x[2]),
                x -> peer(false, x),
                new long[] {2, 3, 7, 8},
                new long[] {2, 3, 41, 8},
                new long[] {2, 3, 41, 11});
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> groupedHeads() {
        long[] q = {2, 6, 19, 8};
        long[] k = {2, 2, 19, 8};
        parity.add("grouped causal", 57, x -> Attention.causal(x[0], x[1], x[2]), x -> peer(true, x), q, k, k);
        parity.add("grouped full", 57, x -> Attention.full(x[0], x[1], x[2]), x -> peer(false, x), q, k, k);
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> biasAndScale() {
        long[] q = {2, 3, 17, 8};
        Attention scaled = new Attention(0.37, false, 0, false, false);
        parity.add(
                "scale",
                17,
                x -> org.lehr.engine.tensor.Tensor.apply(scaled, x),
                x -> torch.scaled_dot_product_attention(
                        x[0], x[1], x[2], new TensorOptional(), 0, false, new DoubleOptional(0.37), false),
                q,
                q,
                q);
        Attention biased = new Attention(USUAL, false, 0, true, false);
        for (long[] bias : new long[][] {{2, 3, 17, 17}, {1, 3, 17, 17}, {1, 1, 17, 17}}) {
            parity.add(
                    "bias",
                    17,
                    x -> org.lehr.engine.tensor.Tensor.apply(biased, x),
                    x -> torch.scaled_dot_product_attention(
                            x[0], x[1], x[2], new TensorOptional(x[3]), 0, false, new DoubleOptional(), false),
                    q,
                    q,
                    q,
                    bias);
        }
        return parity.tests();
    }

    private static Tensor peer(boolean causal, Tensor... x) {
        return torch.scaled_dot_product_attention(
                x[0], x[1], x[2], new TensorOptional(), 0, causal, new DoubleOptional(), x[0].size(1) != x[1].size(1));
    }
}
