package org.lehr.bench.parity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.MultiheadAttentionForwardFuncOptions;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Functional;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.AttentionNames;
import org.lehr.engine.nn.attention.MultiHeadAttention;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.transformer.BlockForm;
import org.lehr.engine.nn.transformer.BlockNames;
import org.lehr.engine.nn.transformer.DecoderBlock;
import org.lehr.engine.nn.transformer.NormFactory;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.nn.transformer.TransformerBlock;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Attention layers and blocks beside libtorch's multi-head attention and the blocks around it: results, and gradients
/// to
/// inputs and all weights.
@NeedsPeer
class TransformerParityTest {

    private static final long WIDTH = 6;
    private static final long HEADS = 2;
    private static final long HIDDEN = 9;
    private static final RandomStream RANDOM = new RandomStream(3);
    private static final Initializer ZERO = Initializer.constant(0);

    private final Parity parity = new Parity();

    private static AttentionForm attention() {
        return AttentionForm.of(
                WIDTH, HEADS, HEADS, AttentionForm.Choices.plain().withBiases(true));
    }

    private static BlockForm form(NormPlacement placement) {
        return new BlockForm(
                attention(),
                new Mlp.Form(HIDDEN, Activation.GELU, false, true),
                NormFactory.layer(1e-5),
                placement,
                false,
                1,
                0,
                BlockNames.LLAMA);
    }

    @TestFactory
    Stream<DynamicTest> layers() {
        MultiHeadAttention alone =
                new MultiHeadAttention(attention(), Positions.NONE, AttentionNames.LLAMA, ZERO, ZERO, RANDOM);
        add(
                "full attention",
                alone,
                x -> alone.attend(x[0], AttentionMask.FULL),
                w -> w.attend("", w.x, w.x, false),
                1);
        add("causal attention", alone, x -> alone.apply(x[0]), w -> w.attend("", w.x, w.x, true), 1);
        add(
                "cross-attention",
                alone,
                x -> alone.attend(x[0], alone.read(x[1]), AttentionMask.FULL),
                w -> w.attend("", w.x, w.memory, false),
                2);
        for (NormPlacement placement : NormPlacement.values()) {
            TransformerBlock block = new TransformerBlock(form(placement), Positions.NONE, ZERO, ZERO, RANDOM);
            add("block with norms " + placement, block, x -> block.apply(x[0]), w -> w.block(placement, false), 1);
        }
        DecoderBlock decoder = new DecoderBlock(
                form(NormPlacement.POST),
                new DecoderBlock.CrossNames(null, "cross", "post_cross"),
                Positions.NONE,
                ZERO,
                ZERO,
                RANDOM);
        add(
                "decoder block",
                decoder,
                x -> decoder.apply(x[0], decoder.read(x[1]), null),
                w -> w.block(NormPlacement.POST, true),
                2);
        return parity.tests();
    }

    /// Inputs are one or two sequences, then the weights in the order of their names.
    private void add(
            String name,
            Module module,
            Function<Tensor[], Tensor> ours,
            Function<Peer, org.bytedeco.pytorch.Tensor> theirs,
            int sequences) {
        List<String> names = List.copyOf(module.parameters().keySet());
        List<long[]> shapes = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            shapes.add(new long[] {3, i == 0 ? 5 : 4, WIDTH});
        }
        module.parameters().values().forEach(p -> shapes.add(p.own().shape().toArray()));
        parity.add(
                name,
                10 * WIDTH * HIDDEN,
                x -> {
                    Map<String, Tensor> weights = new LinkedHashMap<>();
                    for (int i = 0; i < names.size(); i++) {
                        weights.put(names.get(i), x[sequences + i]);
                    }
                    return Functional.call(module, weights, () -> ours.apply(x));
                },
                x -> {
                    Map<String, org.bytedeco.pytorch.Tensor> weights = new LinkedHashMap<>();
                    for (int i = 0; i < names.size(); i++) {
                        weights.put(names.get(i), x[sequences + i]);
                    }
                    return theirs.apply(new Peer(weights, x[0], sequences > 1 ? x[1] : null));
                },
                shapes.toArray(long[][]::new));
    }

    /// The same in libtorch.
    private record Peer(
            Map<String, org.bytedeco.pytorch.Tensor> weights,
            org.bytedeco.pytorch.Tensor x,
            org.bytedeco.pytorch.Tensor memory) {

        private org.bytedeco.pytorch.Tensor joined(String at, String kind) {
            return torch.cat(
                    new TensorVector(
                            weights.get(at + "q_proj." + kind),
                            weights.get(at + "k_proj." + kind),
                            weights.get(at + "v_proj." + kind)),
                    0);
        }

        org.bytedeco.pytorch.Tensor attend(
                String at, org.bytedeco.pytorch.Tensor q, org.bytedeco.pytorch.Tensor kv, boolean causal) {
            org.bytedeco.pytorch.Tensor none = new org.bytedeco.pytorch.Tensor();
            MultiheadAttentionForwardFuncOptions options = new MultiheadAttentionForwardFuncOptions(
                    WIDTH,
                    HEADS,
                    joined(at, "weight"),
                    joined(at, "bias"),
                    none,
                    none,
                    false,
                    0,
                    weights.get(at + "o_proj.weight"),
                    weights.get(at + "o_proj.bias"));
            options.need_weights().put(false);
            if (causal) {
                options.attn_mask()
                        .put(torch.full(
                                        new long[] {q.size(1), q.size(1)},
                                        new org.bytedeco.pytorch.Scalar(Double.NEGATIVE_INFINITY))
                                .triu(1)
                                .to(q.scalar_type()));
            }
            org.bytedeco.pytorch.Tensor memoryFirst = kv.transpose(0, 1);
            return torch.multi_head_attention_forward(q.transpose(0, 1), memoryFirst, memoryFirst, options)
                    .get0()
                    .transpose(0, 1);
        }

        private org.bytedeco.pytorch.Tensor norm(String name, org.bytedeco.pytorch.Tensor y) {
            return torch.layer_norm(
                    y,
                    new long[] {WIDTH},
                    new TensorOptional(weights.get(name + ".weight")),
                    new TensorOptional(weights.get(name + ".bias")),
                    1e-5,
                    false);
        }

        private org.bytedeco.pytorch.Tensor feed(org.bytedeco.pytorch.Tensor y) {
            org.bytedeco.pytorch.Tensor inner = torch.gelu(torch.linear(
                    y, weights.get("mlp.up_proj.weight"), new TensorOptional(weights.get("mlp.up_proj.bias"))));
            return torch.linear(
                    inner, weights.get("mlp.down_proj.weight"), new TensorOptional(weights.get("mlp.down_proj.bias")));
        }

        private org.bytedeco.pytorch.Tensor around(
                NormPlacement placement,
                String before,
                String after,
                org.bytedeco.pytorch.Tensor y,
                Function<org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor> part) {
            return switch (placement) {
                case PRE -> y.add(part.apply(norm(before, y)));
                case POST -> norm(after, y.add(part.apply(y)));
                case SANDWICH -> y.add(norm(after, part.apply(norm(before, y))));
                case POST_SUBLAYER -> y.add(norm(after, part.apply(y)));
            };
        }

        org.bytedeco.pytorch.Tensor block(NormPlacement placement, boolean reads) {
            BlockNames names = BlockNames.LLAMA;
            org.bytedeco.pytorch.Tensor y = around(
                    placement,
                    names.attentionNorm(),
                    names.attentionPost(),
                    x,
                    in -> attend("self_attn.", in, in, true));
            y = reads ? around(placement, null, "post_cross", y, in -> attend("cross.", in, memory, false)) : y;
            return around(placement, names.mlpNorm(), names.mlpPost(), y, this::feed);
        }
    }
}
