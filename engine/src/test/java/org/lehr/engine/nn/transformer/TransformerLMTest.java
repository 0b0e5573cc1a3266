package org.lehr.engine.nn.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.lehr.engine.nn.Decoding;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.LayerNorm;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Prediction;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.attention.AlibiPositions;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.BucketedPositions;
import org.lehr.engine.nn.attention.PositionScheme;
import org.lehr.engine.nn.attention.RotaryPositions;
import org.lehr.engine.nn.attention.RotaryScheme;
import org.lehr.engine.nn.preset.Gpt2;
import org.lehr.engine.nn.preset.Llama;
import org.lehr.engine.nn.preset.Olmo2;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.DType;

final class TransformerLMTest {

    private static final RandomStream RANDOM = new RandomStream(19);

    private static TransformerLM model(long window, int layers) {
        TransformerConfig config = TransformerConfig.of(new TransformerSizes(11, 7, layers, 8, 4, 2, 5))
                .withAttention(choices -> choices.withWindow(window))
                .withInitial(new Initial(0.5, true));
        return new TransformerLM(config, RANDOM);
    }

    private static float[] row(Tensor logits, long batch, long position) {
        return logits.slice(0, batch, batch + 1)
                .slice(1, position, position + 1)
                .toFloatArray();
    }

    @Test
    void aTokenChangesNothingBeforeIt() {
        TransformerLM model = model(0, 2);
        int[] tokens = {1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1};
        Tensor before = model.logits(Tensor.of(tokens, 2, 7));
        for (int changed = 0; changed < 7; changed++) {
            int[] other = tokens.clone();
            other[changed] = 9;
            Tensor after = model.logits(Tensor.of(other, 2, 7));
            for (int position = 0; position < 7; position++) {
                assertEquals(
                        position < changed,
                        Arrays.equals(row(before, 0, position), row(after, 0, position)),
                        "token " + changed + ", logits " + position);
                assertArrayEquals(row(before, 1, position), row(after, 1, position));
            }
        }
    }

    @Test
    void aWindowForgetsWhatIsBehindIt() {
        TransformerLM model = model(3, 1);
        Tensor before = model.logits(Tensor.of(new int[] {1, 2, 3, 4, 5, 6, 7}, 1, 7));
        Tensor after = model.logits(Tensor.of(new int[] {9, 2, 3, 4, 5, 6, 7}, 1, 7));
        for (int position = 0; position < 7; position++) {
            assertEquals(
                    position >= 3, Arrays.equals(row(before, 0, position), row(after, 0, position)), "" + position);
        }
    }

    @Test
    void rotaryScoresDependOnDistancesOnly() {
        RotaryPositions positions = new RotaryPositions(31, 6, RotaryScheme.of(10_000));
        Tensor q = RANDOM.normal(DType.FLOAT64, 1, 1, 1, 6);
        Tensor k = RANDOM.normal(DType.FLOAT64, 1, 1, 1, 6);
        for (int distance : new int[] {0, 1, 13}) {
            double first =
                    positions.turn(q, distance).mul(positions.turn(k, 0)).sum().item();
            for (int shift : new int[] {1, 7, 17}) {
                double shifted = positions
                        .turn(q, distance + shift)
                        .mul(positions.turn(k, shift))
                        .sum()
                        .item();
                // The angles are stored in float32.
                assertEquals(first, shifted, 1e-5);
            }
        }
        assertEquals(
                q.square().sum().item(), positions.turn(q, 30).square().sum().item(), 1e-5);
    }

    private static Stream<TransformerConfig> variants() {
        TransformerConfig usual = TransformerConfig.of(new TransformerSizes(11, 9, 3, 8, 4, 2, 5))
                .withAttention(choices -> choices.withPositions(PositionScheme.none()))
                .withInitial(new Initial(0.5, true));
        return Stream.of(
                usual.withEmbeddings(new Embeddings(Embeddings.Table.LEARNED, 1, true, 0.2)),
                usual.withEmbeddings(new Embeddings(Embeddings.Table.SINUSOIDAL, Math.sqrt(8), false, 0)),
                usual.withAttention(choices -> choices.withPositions(AlibiPositions.SCHEME)),
                usual.withAttention(choices -> choices.withPositions(new BucketedPositions.Buckets(4, 6, false))
                        .withWindow(2)),
                usual.withDepth(new Depth(3, 1, Depth.Order.REPEATED)).withHead(new Head(true, true, 2, 1e-3)),
                usual.withDepth(new Depth(3, 2, Depth.Order.CYCLED)).withHead(new Head(false, false, 0, 0)),
                usual.withBlock(block -> block.withPlacement(NormPlacement.SANDWICH)),
                usual.withBlock(block -> block.inParallel(true)),
                Gpt2.of(new TransformerSizes(11, 9, 2, 8, 2, 2, 12)).withInitial(new Initial(0.5, true)),
                Llama.three(new TransformerSizes(11, 9, 2, 8, 4, 2, 12), 8).withInitial(new Initial(0.5, true)),
                Olmo2.of(new TransformerSizes(11, 9, 2, 8, 4, 4, 12)).withInitial(new Initial(0.5, true)));
    }

    @TestFactory
    Stream<DynamicTest> everyVariantLearnsAndDecodes() {
        return variants()
                .map(config -> DynamicTest.dynamicTest(config.toString(), () -> {
                    TransformerLM model = new TransformerLM(config, RANDOM.split("variant"));
                    model.train(false);
                    int[][] prompts = {{1, 2, 3}, {4, 5, 6, 7, 8}};
                    assertDecodingAgrees(model, prompts, 0);
                    Tensor vectors = RANDOM.normal(DType.FLOAT32, 2, 8);
                    try (var _ = model.prompt(() -> vectors)) {
                        assertDecodingAgrees(model, prompts, 2);
                    }
                    model.convert(DType.FLOAT64);
                    Tensor tokens = Tensor.of(new int[] {0, 3, 4, 1, 2, 2}, 2, 3);
                    Tensor targets = Tensor.of(new int[] {3, 4, 0, 2, 2, 1}, 6);
                    LayerGradient.check(model, x -> {
                        Prediction prediction = model.predict(tokens);
                        return prediction.total(CrossEntropy.crossEntropy(prediction.logits(), targets));
                    });
                }));
    }

    private static void assertDecodingAgrees(TransformerLM model, int[][] prompts, int taken) {
        Decoding decoding = model.decode(List.of(prompts));
        int[][] texts = prompts.clone();
        for (int step = 0; step < 4 - taken; step++) {
            for (int row = 0; row < texts.length; row++) {
                Tensor whole = model.logits(Tensor.of(texts[row], 1, texts[row].length));
                long last = texts[row].length - 1;
                assertArrayEquals(row(whole, 0, last), decoding.scores()[row], 1e-4f);
            }
            int next = step + 1;
            decoding.append(new int[] {next, 2 * next});
            texts = new int[][] {longer(texts[0], next), longer(texts[1], 2 * next)};
        }
    }

    private static int[] longer(int[] text, int token) {
        int[] longer = Arrays.copyOf(text, text.length + 1);
        longer[text.length] = token;
        return longer;
    }

    @Test
    void sharedLayersCountOnceAndWorkOften() {
        TransformerConfig config = TransformerConfig.of(new TransformerSizes(11, 9, 4, 8, 4, 2, 5));
        TransformerLM all = new TransformerLM(config, RANDOM);
        TransformerLM one = new TransformerLM(config.withDepth(new Depth(4, 1, Depth.Order.CYCLED)), RANDOM);
        long block = new TransformerLM(config.withDepth(Depth.of(2)), RANDOM).parameterCount()
                - new TransformerLM(config.withDepth(Depth.of(1)), RANDOM).parameterCount();
        assertEquals(all.parameterCount() - 3 * block, one.parameterCount());
        assertEquals(all.flopsPerToken(), one.flopsPerToken());
        assertSame(one.attention(0), one.attention(3));
    }

    @Test
    void aSoftCapBoundsLogits() {
        TransformerConfig config = TransformerConfig.of(new TransformerSizes(11, 9, 1, 8, 4, 2, 5))
                .withInitial(new Initial(3, true))
                .withHead(new Head(true, false, 1.5, 0));
        Tensor logits = new TransformerLM(config, RANDOM).logits(Tensor.of(new int[] {1, 2, 3}, 1, 3));
        float most = logits.abs().max().toFloatArray()[0];
        assertTrue(most <= 1.5f && most > 1.2f, "" + most);
    }

    @Test
    void theZLossIsTheSquareOfTheLogarithmOfZ() {
        TransformerConfig config = TransformerConfig.of(new TransformerSizes(11, 9, 1, 8, 4, 2, 5))
                .withHead(Head.plain().withZLoss(0.25));
        TransformerLM model = new TransformerLM(config, RANDOM);
        Prediction prediction = model.predict(Tensor.of(new int[] {1, 2, 3}, 1, 3));
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double z = 0;
            for (float logit : row(prediction.logits(), 0, i)) {
                z += Math.exp(logit);
            }
            sum += Math.log(z) * Math.log(z) / 3;
        }
        assertEquals(sum, prediction.losses().getFirst().value().item(), 1e-4);
        assertEquals(0.25, prediction.losses().getFirst().coefficient());
    }

    @Test
    void sizesAreReported() {
        TransformerLM model = model(0, 2);
        assertEquals(7, model.context());
        assertEquals(11, model.vocabulary());
        double products = model.parameterCount() - 11 * 8;
        assertEquals(6 * products + 6.0 * 2 * 7 * 8, model.flopsPerToken());
        assertFalse(model.state().isEmpty());
    }

    @Test
    void theSeedDecidesEveryBit() {
        Tensor tokens = Tensor.of(new int[] {1, 2, 3}, 1, 3);
        float[] logits = model(0, 2).logits(tokens).toFloatArray();
        assertArrayEquals(logits, model(0, 2).logits(tokens).toFloatArray());
    }

    @Test
    void refusalsNameTheValues() {
        Initializer weight = Initializer.constant(1);
        refused(List.of("0", "5"), () -> new Linear(0, 5, true, RANDOM));
        refused(List.of("5", "-3"), () -> new Embedding(5, -3, weight, RANDOM));
        refused(List.of("1.0"), () -> new Dropout(1, RANDOM));
        refused(List.of("NaN"), () -> new Dropout(Double.NaN, RANDOM));
        refused(List.of("0", "1.0E-6"), () -> new RmsNorm(0, 1e-6));
        refused(List.of("5", "-1.0"), () -> new LayerNorm(5, true, -1));
        AttentionForm.Choices plain = AttentionForm.Choices.plain();
        refused(List.of("width 6", "heads 4"), () -> AttentionForm.of(6, 4, 4, plain));
        refused(List.of("heads 4", "key heads 3"), () -> AttentionForm.of(8, 4, 3, plain));
        refused(List.of("window -1"), () -> plain.withWindow(-1));
        refused(List.of("7", "3"), () -> new RotaryPositions(7, 3, RotaryScheme.of(10_000)));
        refused(List.of("vocabulary 0"), () -> TransformerConfig.of(0, 5, 1, 8, 2));
        refused(List.of("one layer", "layers 0"), () -> TransformerConfig.of(7, 5, 0, 8, 2));
        refused(List.of("7", "[1, 8]"), () -> model(0, 1).logits(Tensor.of(new int[8], 1, 8)));
        refused(
                List.of("position 7", "7"),
                () -> new RotaryPositions(7, 2, RotaryScheme.of(10)).turn(Tensor.zeros(1, 1, 5, 2), 3));
        refused(List.of("[3]", "[2]"), () -> new Parameter(Tensor.zeros(3)).set(Tensor.zeros(2)));
    }

    private static void refused(List<String> parts, Executable work) {
        String message = assertThrows(IllegalArgumentException.class, work).getMessage();
        parts.forEach(part -> assertTrue(message.contains(part), message));
    }
}
