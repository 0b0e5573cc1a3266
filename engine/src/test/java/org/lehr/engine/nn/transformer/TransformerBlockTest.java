package org.lehr.engine.nn.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.norm.PowerNorm;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class TransformerBlockTest {

    private static final RandomStream RANDOM = new RandomStream(37);
    private static final Initializer WEIGHT = Initializer.normal(0.5);

    private static BlockForm form(NormPlacement placement) {
        return new BlockForm(
                AttentionForm.of(4, 2, 1, AttentionForm.Choices.plain()),
                new Mlp.Form(5, Activation.SILU, true, false),
                NormFactory.rms(1e-6),
                placement,
                false,
                0.5,
                0,
                BlockNames.LLAMA);
    }

    private static TransformerBlock block(BlockForm form) {
        TransformerBlock block = new TransformerBlock(form, Positions.NONE, WEIGHT, WEIGHT, RANDOM.split("block"));
        block.convert(DType.FLOAT64);
        return block;
    }

    private static Tensor part(Module block, String name, Tensor x) {
        return ((Layer) block.modules().get(name)).apply(x);
    }

    private static Tensor attend(Module block, Tensor x) {
        return part(block, "self_attn", x);
    }

    private static Tensor feed(Module block, Tensor x) {
        return part(block, "mlp", x);
    }

    @TestFactory
    Stream<DynamicTest> normsStandWhereTheyAreSaidTo() {
        return Stream.of(NormPlacement.values())
                .map(placement -> DynamicTest.dynamicTest(placement.name(), () -> {
                    TransformerBlock block = block(form(placement));
                    Tensor x = LayerGradient.normal(2, 3, 4);
                    Tensor expected = switch (placement) {
                        case PRE -> {
                            Tensor y = x.add(attend(block, part(block, "input_layernorm", x))
                                    .mul(0.5));
                            yield y.add(feed(block, part(block, "post_attention_layernorm", y))
                                    .mul(0.5));
                        }
                        case POST -> {
                            Tensor y = part(
                                    block,
                                    "post_self_attn_layernorm",
                                    x.add(attend(block, x).mul(0.5)));
                            yield part(
                                    block,
                                    "post_mlp_layernorm",
                                    y.add(feed(block, y).mul(0.5)));
                        }
                        case SANDWICH -> {
                            Tensor a = attend(block, part(block, "input_layernorm", x));
                            Tensor y = x.add(
                                    part(block, "post_self_attn_layernorm", a).mul(0.5));
                            Tensor f = feed(block, part(block, "post_attention_layernorm", y));
                            yield y.add(part(block, "post_mlp_layernorm", f).mul(0.5));
                        }
                        case POST_SUBLAYER -> {
                            Tensor y = x.add(part(block, "post_self_attn_layernorm", attend(block, x))
                                    .mul(0.5));
                            yield y.add(part(block, "post_mlp_layernorm", feed(block, y))
                                    .mul(0.5));
                        }
                    };
                    assertArrayEquals(expected.toDoubleArray(), block.apply(x).toDoubleArray(), 1e-12);
                    LayerGradient.check(block, 2, 3, 4);
                }));
    }

    @Test
    void parallelPartsReadTheSameStream() {
        TransformerBlock two = block(form(NormPlacement.PRE).inParallel(true));
        Tensor x = LayerGradient.normal(2, 3, 4);
        Tensor a = attend(two, part(two, "input_layernorm", x)).mul(0.5);
        Tensor f = feed(two, part(two, "post_attention_layernorm", x)).mul(0.5);
        assertArrayEquals(x.add(a).add(f).toDoubleArray(), two.apply(x).toDoubleArray(), 1e-12);
        BlockNames llama = BlockNames.LLAMA;
        TransformerBlock one = block(form(NormPlacement.PRE)
                .inParallel(true)
                .withNames(
                        new BlockNames("ln_1", "attn", null, null, "mlp", null, llama.inAttention(), llama.inMlp())));
        Tensor normed = part(one, "ln_1", x);
        Tensor sum =
                x.add(part(one, "attn", normed).mul(0.5)).add(feed(one, normed).mul(0.5));
        assertArrayEquals(sum.toDoubleArray(), one.apply(x).toDoubleArray(), 1e-12);
        assertTrue(one.parameters().keySet().stream().noneMatch(path -> path.contains("post_attention")));
        assertThrows(
                IllegalArgumentException.class, () -> form(NormPlacement.POST).inParallel(true));
    }

    @Test
    void powerNormTakesAnyPlace() {
        TransformerBlock block = new TransformerBlock(
                form(NormPlacement.PRE).withNorm(NormFactory.power(PowerNorm.Form.defaults())),
                Positions.NONE,
                WEIGHT,
                WEIGHT,
                RANDOM.split("power"));
        block.apply(RANDOM.normal(DType.FLOAT32, 2, 3, 4)).sum().backward();
        assertTrue(block.state().containsKey("input_layernorm.running_phi"));
        block.parameters().forEach((path, p) -> assertTrue(p.gradient() != null, path));
    }

    /// Xiong et al. 2020: at the beginning the gradient of the last layer falls with depth where norms stand before
    /// the parts, and not where they stand behind the sums.
    @Test
    void gradientsOfTheLastLayerFallWithDepthOnlyBehindNormsBefore() {
        double pre = lastGradient(NormPlacement.PRE, 2) / lastGradient(NormPlacement.PRE, 16);
        double post = lastGradient(NormPlacement.POST, 2) / lastGradient(NormPlacement.POST, 16);
        assertTrue(pre > 1.8, "before: " + pre);
        assertEquals(1, post, 0.35, "behind");
    }

    private static double lastGradient(NormPlacement placement, int layers) {
        return IntStream.range(0, 8)
                .mapToDouble(seed -> lastGradient(placement, layers, RANDOM.split(seed)))
                .average()
                .orElseThrow();
    }

    private static double lastGradient(NormPlacement placement, int layers, RandomStream random) {
        BlockForm form = form(placement)
                .withAttention(AttentionForm.of(32, 2, 2, AttentionForm.Choices.plain()))
                .withMlp(new Mlp.Form(64, Activation.RELU, false, false))
                .withNorm(NormFactory.layer(1e-5))
                .withBranchScale(1);
        BlockStack stack = new BlockStack(
                Depth.of(layers), form, Positions.NONE, new Initial(1 / Math.sqrt(32), false), random.split(layers));
        Tensor x = random.split("x").normal(DType.FLOAT32, 4, 8, 32);
        Tensor y = stack.apply(x);
        // The norm behind the last block, which pre-norm models have.
        Tensor normed = placement == NormPlacement.PRE
                ? NormFactory.layer(1e-5).make(32).apply(y)
                : y;
        Tensor target = random.split("target").normal(DType.FLOAT32, 4, 8, 32);
        Tensor loss = normed.mul(target).mean();
        Tensor weight =
                stack.layer(layers - 1).parameters().get("mlp.down_proj.weight").own();
        return Autograd.gradient(List.of(loss), List.of(weight), false)
                .getFirst()
                .square()
                .sum()
                .sqrt()
                .item();
    }

    @Test
    void sharedLayersFollowEachOther() {
        assertArrayEquals(new int[] {0, 1, 0, 1, 0}, order(new Depth(5, 2, Depth.Order.CYCLED)));
        assertArrayEquals(new int[] {0, 0, 0, 1, 1}, order(new Depth(5, 2, Depth.Order.REPEATED)));
        assertThrows(IllegalArgumentException.class, () -> new Depth(2, 3, Depth.Order.CYCLED));
    }

    private static int[] order(Depth depth) {
        return IntStream.range(0, depth.layers()).map(depth::block).toArray();
    }

    @Test
    void decoderBlocksReadAMemory() {
        DecoderBlock block = new DecoderBlock(
                form(NormPlacement.PRE),
                new DecoderBlock.CrossNames("cross_norm", "cross", null),
                Positions.NONE,
                WEIGHT,
                WEIGHT,
                RANDOM.split("decoder"));
        Tensor padding = Tensor.of(new boolean[] {false, false, true, false, false, false}, 2, 3);
        LayerGradient.check(
                block,
                x -> block.apply(x[0], block.read(x[1]), padding),
                LayerGradient.normal(2, 4, 4),
                LayerGradient.normal(2, 3, 4));
        Tensor x = LayerGradient.normal(2, 4, 4);
        Tensor memory = LayerGradient.normal(2, 3, 4);
        Tensor y = x.add(attend(block, part(block, "input_layernorm", x)).mul(0.5));
        org.lehr.engine.nn.attention.MultiHeadAttention cross = (org.lehr.engine.nn.attention.MultiHeadAttention)
                block.modules().get("cross");
        Tensor c = cross.attend(part(block, "cross_norm", y), cross.read(memory), AttentionMask.FULL.padded(padding));
        y = y.add(c.mul(0.5));
        y = y.add(feed(block, part(block, "post_attention_layernorm", y)).mul(0.5));
        assertArrayEquals(
                y.toDoubleArray(), block.apply(x, block.read(memory), padding).toDoubleArray(), 1e-12);
    }
}
