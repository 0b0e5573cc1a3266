package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.lehr.engine.nn.TransformerConfig.Choices;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class TransformerLMTest {

    private static final RandomStream RANDOM = new RandomStream(19);

    private static TransformerLM model(long window, int layers) {
        Choices choices = new Choices(Activation.SILU, true, true, false, window, 0, 0.5);
        return new TransformerLM(new TransformerConfig(11, 7, layers, 8, 4, 2, 5, choices), RANDOM);
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
        RotaryPositions positions = new RotaryPositions(31, 6, 10_000);
        Tensor q = RANDOM.normal(DType.FLOAT64, 1, 1, 1, 6);
        Tensor k = RANDOM.normal(DType.FLOAT64, 1, 1, 1, 6);
        for (int distance : new int[] {0, 1, 13}) {
            double first = positions
                    .rotate(q, distance)
                    .mul(positions.rotate(k, 0))
                    .sum()
                    .item();
            for (int shift : new int[] {1, 7, 17}) {
                double shifted = positions
                        .rotate(q, distance + shift)
                        .mul(positions.rotate(k, shift))
                        .sum()
                        .item();
                // The angles are stored in float32.
                assertEquals(first, shifted, 1e-5);
            }
        }
        assertEquals(
                q.square().sum().item(), positions.rotate(q, 30).square().sum().item(), 1e-5);
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
        refused(List.of("width 6", "heads 4"), () -> new MultiHeadAttention.Form(6, 4, 4, false, 0));
        refused(List.of("heads 4", "key heads 3"), () -> new MultiHeadAttention.Form(8, 4, 3, false, 0));
        refused(List.of("window -1"), () -> new MultiHeadAttention.Form(8, 4, 2, false, -1));
        refused(List.of("7", "3"), () -> new RotaryPositions(7, 3, 10_000));
        refused(List.of("vocabulary 0"), () -> TransformerConfig.of(0, 5, 1, 8, 2));
        refused(List.of("layers 0"), () -> TransformerConfig.of(7, 5, 0, 8, 2));
        refused(List.of("7", "[1, 8]"), () -> model(0, 1).logits(Tensor.of(new int[8], 1, 8)));
        refused(List.of("position 7", "7"), () -> new RotaryPositions(7, 2, 10).rotate(Tensor.zeros(1, 1, 5, 2), 3));
        refused(List.of("[3]", "[2]"), () -> new Parameter(Tensor.zeros(3)).set(Tensor.zeros(2)));
    }

    private static void refused(List<String> parts, Executable work) {
        String message = assertThrows(IllegalArgumentException.class, work).getMessage();
        parts.forEach(part -> assertTrue(message.contains(part), message));
    }
}
