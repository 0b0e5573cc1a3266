package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.bench.TorchBridge;
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

    @TestFactory
    Stream<DynamicTest> windows() {
        for (long window : new long[] {1, 3, 16, 200}) {
            Attention form = new Attention(USUAL, true, window, false, false);
            for (long[] lengths : new long[][] {{17, 17}, {67, 67}, {7, 41}}) {
                int t = (int) lengths[0];
                int s = (int) lengths[1];
                boolean[] seen = new boolean[t * s];
                for (int i = 0; i < seen.length; i++) {
                    long back = i / s + s - t - i % s;
                    seen[i] = back >= 0 && back < window;
                }
                org.lehr.engine.tensor.Tensor mask = org.lehr.engine.tensor.Tensor.of(seen, 1, 1, t, s);
                parity.add(
                        "window of " + window,
                        s,
                        x -> org.lehr.engine.tensor.Tensor.apply(form, x),
                        x -> masked(mask, x),
                        new long[] {2, 3, t, 8},
                        new long[] {2, 3, s, 8},
                        new long[] {2, 3, s, 5});
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> keyPadding() {
        int s = 19;
        long[] k = {3, 2, s, 8};
        boolean[] padding = new boolean[3 * s];
        // One sequence padded in front, one at the end with a hole, one nowhere.
        for (int j = 0; j < s; j++) {
            padding[j] = j < 5;
            padding[s + j] = j == 3 || j > 12;
        }
        org.lehr.engine.tensor.Tensor hidden = org.lehr.engine.tensor.Tensor.of(padding, 3, s);
        for (boolean causal : new boolean[] {false, true}) {
            for (int t : new int[] {1, 7, s}) {
                boolean[] seen = new boolean[3 * t * s];
                for (int i = 0; i < seen.length; i++) {
                    int key = i % s;
                    seen[i] = !padding[i / (t * s) * s + key] && (!causal || key <= i / s % t + s - t);
                }
                org.lehr.engine.tensor.Tensor mask = org.lehr.engine.tensor.Tensor.of(seen, 3, 1, t, s);
                Attention form = new Attention(USUAL, causal, 0, false, true);
                for (long heads : new long[] {2, 6}) {
                    parity.add(
                            "key padding" + (causal ? ", causal" : ""),
                            3 * s,
                            x -> org.lehr.engine.tensor.Tensor.apply(form, x[0], x[1], x[2], hidden),
                            x -> masked(mask, x),
                            new long[] {3, heads, t, 8},
                            k,
                            k);
                }
            }
        }
        return parity.tests();
    }

    /// Attention to the keys where `seen` is true; a query that sees none gives zeros.
    private static Tensor masked(org.lehr.engine.tensor.Tensor seen, Tensor... x) {
        TensorOptional mask = new TensorOptional(TorchBridge.copy(seen));
        return torch.scaled_dot_product_attention(
                x[0], x[1], x[2], mask, 0, false, new DoubleOptional(), x[0].size(1) != x[1].size(1));
    }

    private static Tensor peer(boolean causal, Tensor... x) {
        return torch.scaled_dot_product_attention(
                x[0], x[1], x[2], new TensorOptional(), 0, causal, new DoubleOptional(), x[0].size(1) != x[1].size(1));
    }
}
