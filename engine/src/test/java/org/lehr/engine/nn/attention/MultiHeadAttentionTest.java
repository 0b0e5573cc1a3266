package org.lehr.engine.nn.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.KeyValueCache;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.attention.AttentionForm.Choices;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;

final class MultiHeadAttentionTest {

    private static final RandomStream RANDOM = new RandomStream(29);
    private static final Initializer WEIGHT = Initializer.normal(0.5);
    private static final AttentionNames JOINT = new AttentionNames(null, null, null, "qkv", "out", "q", "k");

    private static MultiHeadAttention layer(AttentionForm form, AttentionNames names) {
        Positions positions = form.choices().positions().perLayer()
                ? Positions.NONE
                : form.choices().positions().make(form, 9, RANDOM.split("positions"));
        return new MultiHeadAttention(form, positions, names, WEIGHT, WEIGHT, RANDOM.split("layer"));
    }

    private static MultiHeadAttention layer(Choices choices) {
        return layer(AttentionForm.of(8, 4, 2, choices), AttentionNames.LLAMA);
    }

    private static Stream<Choices> everyChoice() {
        Choices plain = Choices.plain();
        RotaryScheme rotary = RotaryScheme.of(100);
        RotaryStretch stretch = new RotaryStretch.ByWavelength(4, 1, 4, 8);
        return Stream.of(
                plain,
                plain.withNorm(QueryKeyNorm.HEAD_RMS).withPositions(rotary),
                plain.withNorm(QueryKeyNorm.HEAD_LAYER).withBiases(true),
                plain.withNorm(QueryKeyNorm.WHOLE_RMS).withWindow(2),
                plain.withScale(0.7).withSoftCap(0.9),
                plain.withPositions(AlibiPositions.SCHEME).withSoftCap(2),
                plain.withPositions(HardAlibiPositions.scheme(2)),
                plain.withPositions(new BucketedPositions.Buckets(4, 6, false)).withWindow(3),
                plain.withPositions(new RotaryScheme(100, RotaryScheme.Layout.PAIRS, 1, stretch)));
    }

    @TestFactory
    Stream<DynamicTest> gradients() {
        return everyChoice()
                .flatMap(choices -> Stream.of(AttentionNames.LLAMA, JOINT)
                        .map(names -> DynamicTest.dynamicTest(
                                choices + (names == JOINT ? " joint" : ""),
                                () -> LayerGradient.check(
                                        layer(AttentionForm.of(8, 2, names == JOINT ? 2 : 1, choices), names),
                                        2,
                                        4,
                                        8))));
    }

    @TestFactory
    Stream<DynamicTest> stepsGiveWhatTheWholePassGives() {
        return everyChoice()
                .map(choices -> DynamicTest.dynamicTest(choices.toString(), () -> {
                    MultiHeadAttention layer = layer(choices);
                    Tensor x = RANDOM.normal(DType.FLOAT32, 2, 7, 8);
                    assertStepsAgree(layer, x);
                    KeyValuePrefix prefix = new KeyValuePrefix(
                            RANDOM.normal(DType.FLOAT32, 2, 3, 2), RANDOM.normal(DType.FLOAT32, 2, 3, 2));
                    float[] without = layer.apply(x).toFloatArray();
                    try (var _ = layer.prepend(() -> prefix)) {
                        assertFalse(Arrays.equals(without, layer.apply(x).toFloatArray()), "the prefix is not seen");
                        assertStepsAgree(layer, x);
                    }
                    assertArrayEquals(without, layer.apply(x).toFloatArray());
                }));
    }

    private static void assertStepsAgree(MultiHeadAttention layer, Tensor x) {
        List<KeyValueCache> caches = List.of(new KeyValueCache(), new KeyValueCache());
        Tensor first = layer.extend(x.slice(1, 0, 3), caches);
        Tensor[] parts = Stream.concat(
                        Stream.of(first), Stream.of(3, 4, 5, 6).map(i -> layer.extend(x.slice(1, i, i + 1), caches)))
                .toArray(Tensor[]::new);
        assertArrayEquals(layer.apply(x).toFloatArray(), Concat.concat(1, parts).toFloatArray(), 1e-5f);
    }

    @Test
    void aPrefixIsKeysAndValuesThatEveryQuerySees() {
        MultiHeadAttention layer = layer(Choices.plain());
        layer.convert(DType.FLOAT64);
        KeyValuePrefix prefix = new KeyValuePrefix(
                LayerGradient.normal(2, 3, 2), LayerGradient.normal(2, 3, 2).mul(2));
        try (var _ = layer.prepend(() -> prefix)) {
            Tensor x = LayerGradient.normal(1, 1, 8);
            // The only query sees three places of the prefix and itself.
            MultiHeadAttention.Memory own = layer.read(x);
            MultiHeadAttention.Memory all = new MultiHeadAttention.Memory(
                    Concat.concat(2, prefix.keys().unsqueeze(0), own.k()),
                    Concat.concat(2, prefix.values().unsqueeze(0), own.v()));
            assertArrayEquals(
                    layer.attend(x, all, AttentionMask.FULL).toDoubleArray(),
                    layer.apply(x).toDoubleArray(),
                    1e-12);
        }
        LayerGradient.check(
                layer,
                x -> {
                    try (var _ = layer.prepend(() -> new KeyValuePrefix(x[1], x[2]))) {
                        return layer.apply(x[0]);
                    }
                },
                LayerGradient.normal(2, 3, 8),
                LayerGradient.normal(2, 2, 2),
                LayerGradient.normal(2, 2, 2).mul(0.5));
    }

    @Test
    void aMemoryIsReadInAnyOrder() {
        MultiHeadAttention layer = layer(Choices.plain());
        Tensor x = RANDOM.normal(DType.FLOAT32, 1, 3, 8);
        Tensor memory = RANDOM.normal(DType.FLOAT32, 1, 4, 8);
        Tensor swapped = Concat.concat(1, memory.slice(1, 2, 4), memory.slice(1, 0, 2));
        assertArrayEquals(
                layer.attend(x, layer.read(memory), AttentionMask.FULL).toFloatArray(),
                layer.attend(x, layer.read(swapped), AttentionMask.FULL).toFloatArray(),
                1e-5f);
        Tensor padding = Tensor.of(new boolean[] {false, false, true, true}, 1, 4);
        assertArrayEquals(
                layer.attend(x, layer.read(memory.slice(1, 0, 2)), AttentionMask.FULL)
                        .toFloatArray(),
                layer.attend(x, layer.read(memory), AttentionMask.FULL.padded(padding))
                        .toFloatArray(),
                1e-5f);
        LayerGradient.check(
                layer,
                in -> layer.attend(in[0], layer.read(in[1]), AttentionMask.FULL),
                LayerGradient.normal(2, 3, 8),
                LayerGradient.normal(2, 2, 8));
    }

    @Test
    void aPrefixMaskIsReadInBothDirections() {
        MultiHeadAttention layer = layer(Choices.plain().withPositions(RotaryScheme.of(100)));
        Tensor x = RANDOM.normal(DType.FLOAT32, 2, 5, 8);
        AttentionMask mask = AttentionMask.prefix(new long[] {3, 0}, 5);
        Tensor before = layer.attend(x, mask);
        for (int changed = 0; changed < 5; changed++) {
            Tensor other = Concat.concat(
                    1, x.slice(1, 0, changed), x.slice(1, changed, changed + 1).neg(), x.slice(1, changed + 1, 5));
            Tensor after = layer.attend(other, mask);
            for (int place = 0; place < 5; place++) {
                assertEquals(changed <= place || changed < 3, differs(before, after, 0, place), changed + " " + place);
                assertEquals(changed <= place, differs(before, after, 1, place), changed + " " + place);
            }
        }
        assertArrayEquals(
                layer.apply(x).toFloatArray(),
                layer.attend(x, AttentionMask.prefix(new long[] {0, 1}, 5)).toFloatArray(),
                1e-6f);
    }

    private static boolean differs(Tensor a, Tensor b, int row, int place) {
        return !Arrays.equals(part(a, row, place), part(b, row, place));
    }

    private static float[] part(Tensor x, int row, int place) {
        return x.slice(0, row, row + 1).slice(1, place, place + 1).toFloatArray();
    }

    @Test
    void anyPlacesCanBeHidden() {
        MultiHeadAttention layer = layer(Choices.plain());
        Tensor x = RANDOM.normal(DType.FLOAT32, 1, 4, 8);
        boolean[] lower = new boolean[16];
        for (int i = 0; i < 16; i++) {
            lower[i] = i % 4 <= i / 4;
        }
        assertArrayEquals(
                layer.apply(x).toFloatArray(),
                layer.attend(x, AttentionMask.visible(Tensor.of(lower, 4, 4))).toFloatArray(),
                1e-6f);
        Tensor nothing = Tensor.of(new boolean[16], 4, 4);
        Tensor blind = layer.attend(x, AttentionMask.visible(nothing));
        assertArrayEquals(new float[32], blind.toFloatArray());
    }

    @Test
    void myopicAttentionGivesTheSameAndSendsNothingBack() {
        MultiHeadAttention layer = layer(Choices.plain().withPositions(RotaryScheme.of(100)));
        layer.convert(DType.FLOAT64);
        Tensor x = LayerGradient.normal(1, 5, 8).requiringGradient();
        Tensor ordinary = layer.apply(x);
        layer.use(new MyopicCore(Double.NaN));
        Tensor myopic = layer.apply(x);
        assertArrayEquals(ordinary.toDoubleArray(), myopic.toDoubleArray(), 1e-12);
        for (int place = 0; place < 5; place++) {
            Tensor gradient = Autograd.gradient(
                            List.of(layer.apply(x).slice(1, place, place + 1).sum()), List.of(x), false)
                    .getFirst();
            for (int other = 0; other < 5; other++) {
                double size = gradient.slice(1, other, other + 1).abs().sum().item();
                assertEquals(other == place, size > 0, place + " from " + other);
            }
        }
    }

    @Test
    void myopicGradientsAreThoseOfPositionsWithAFrozenPast() {
        MultiHeadAttention layer = layer(Choices.plain());
        layer.convert(DType.FLOAT64);
        Tensor x = LayerGradient.normal(1, 4, 8);
        layer.use(new MyopicCore(Double.NaN));
        Tensor myopic = x.detach().requiringGradient();
        layer.apply(myopic).square().sum().backward();
        // The last position in ordinary attention over a past that is a constant.
        layer.use(new SoftmaxCore(Double.NaN, 0));
        Tensor last = x.slice(1, 3, 4).contiguous().detach().requiringGradient();
        layer.apply(Concat.concat(1, x.slice(1, 0, 3), last))
                .slice(1, 3, 4)
                .square()
                .sum()
                .backward();
        assertArrayEquals(
                last.gradient().toDoubleArray(),
                myopic.gradient().slice(1, 3, 4).toDoubleArray(),
                1e-10);
    }

    @Test
    void productsOfQueriesAndKeysGiveTheScoresOfBoth() {
        AttentionForm form = AttentionForm.of(6, 2, 2, Choices.plain());
        QueryKeyProductAttention product = new QueryKeyProductAttention(form, true, WEIGHT, RANDOM);
        MultiHeadAttention separate = layer(form, AttentionNames.LLAMA);
        separate.load(product.state());
        Tensor x = RANDOM.normal(DType.FLOAT32, 2, 5, 6);
        assertArrayEquals(separate.apply(x).toFloatArray(), product.apply(x).toFloatArray(), 1e-5f);
        assertEquals(
                List.of(2L, 6L, 6L),
                Arrays.stream(product.products().shape().toArray()).boxed().toList());
        LayerGradient.check(product, 1, 3, 6);
        product.through(p -> p.mul(0));
        assertFalse(Arrays.equals(
                separate.apply(x).toFloatArray(),
                product.apply(x.to(DType.FLOAT64)).to(DType.FLOAT32).toFloatArray()));
    }

    @Test
    void refusalsNameTheValues() {
        MultiHeadAttention layer = layer(Choices.plain());
        refused("[2, 8]", () -> layer.apply(Tensor.zeros(2, 8)));
        refused("[1, 2, 7]", () -> layer.apply(Tensor.zeros(1, 2, 7)));
        refused("-1", () -> AttentionMask.window(-1));
        refused("length 7", () -> AttentionMask.prefix(new long[] {7}, 5));
        refused("float32", () -> AttentionMask.visible(Tensor.zeros(2, 2)));
        refused("[3]", () -> AttentionMask.CAUSAL.padded(Tensor.of(new boolean[3], 3)));
        refused("NaN", () -> Choices.plain().withSoftCap(Double.NaN));
        refused(
                "4 heads",
                () -> new QueryKeyProductAttention(AttentionForm.of(8, 4, 2, Choices.plain()), true, WEIGHT, RANDOM));
        refused(
                "joint",
                () -> layer(AttentionForm.of(8, 4, 4, Choices.plain()), JOINT).read(Tensor.zeros(1, 2, 8)));
        refused("[2, 3]", () -> new KeyValuePrefix(Tensor.zeros(2, 3), Tensor.zeros(2, 3)));
        refused("base", () -> RotaryScheme.of(Double.NaN));
        refused("0.5", () -> new RotaryStretch.Interpolated(0.5));
        refused("3 of 2", () -> new HardAlibiPositions(2, 3));
        refused("1 for one", () -> new BucketedPositions.Buckets(1, 9, false));
    }

    private static void refused(String part, org.junit.jupiter.api.function.Executable work) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, work);
        assertNotNull(e.getMessage());
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
