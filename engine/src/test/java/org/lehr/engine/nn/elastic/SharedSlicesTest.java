package org.lehr.engine.nn.elastic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

final class SharedSlicesTest {

    private static final Tensor TOKENS = Tensor.of(new int[] {1, 4, 2, 9, 0, 3}, 2, 3);

    /// Heads of width 4 in all sizes.
    private static TransformerLM model(int layers, long heads, long hidden, long seed) {
        TransformerSizes sizes = new TransformerSizes(11, 5, layers, 4 * heads, heads, heads, hidden);
        return new TransformerLM(
                TransformerConfig.of(sizes).withInitial(new Initial(0.5, true)), new RandomStream(seed));
    }

    @Test
    void gradientsLandInTheSlicesOnly() {
        TransformerLM large = model(4, 3, 10, 1);
        TransformerLM small = model(2, 2, 7, 2);
        UnaryOperator<String> place = SharedSlices.spread("model.layers", 2, 4);
        SharedSlices.attach(small, large, place);
        small.logits(TOKENS).square().sum().backward();
        small.parameters().forEach((path, parameter) -> assertNull(parameter.gradient(), path));
        large.parameters().forEach((path, parameter) -> {
            boolean used = !path.startsWith("model.layers.1.") && !path.startsWith("model.layers.3.");
            assertEquals(used, parameter.gradient() != null, path);
        });
        Tensor query =
                large.parameters().get("model.layers.2.self_attn.q_proj.weight").gradient();
        assertTrue(query.slice(0, 0, 8).slice(1, 0, 8).abs().min().item() > 0);
        assertEquals(0, query.slice(0, 8, 12).abs().sum().item());
        assertEquals(0, query.slice(1, 8, 12).abs().sum().item());
    }

    @Test
    void whatIsExtractedIsWhatWasShared() {
        TransformerLM large = model(4, 3, 10, 1);
        TransformerLM small = model(3, 1, 10, 2);
        float[] own = small.logits(TOKENS).toFloatArray();
        SharedSlices slices = SharedSlices.attach(small, large, SharedSlices.spread("model.layers", 3, 4));
        float[] shared = small.logits(TOKENS).toFloatArray();
        assertTrue(!Arrays.equals(own, shared));
        slices.extract();
        large.parameters()
                .values()
                .forEach(parameter -> parameter.set(parameter.own().fullLike(7)));
        assertArrayEquals(shared, small.logits(TOKENS).toFloatArray());
        TransformerLM alone = model(3, 1, 10, 3);
        alone.load(small.state());
        assertArrayEquals(shared, alone.logits(TOKENS).toFloatArray());
    }

    @Test
    void theWholeIsTheLargestSlice() {
        TransformerLM large = model(2, 3, 10, 1);
        TransformerLM same = model(2, 3, 10, 2);
        SharedSlices.attach(same, large, UnaryOperator.identity());
        assertArrayEquals(
                large.logits(TOKENS).toFloatArray(), same.logits(TOKENS).toFloatArray());
    }

    @Test
    void whatDoesNotFitIsNamed() {
        TransformerLM large = model(2, 1, 10, 1);
        String wide = assertThrows(
                        IllegalArgumentException.class,
                        () -> SharedSlices.attach(model(2, 2, 10, 2), large, UnaryOperator.identity()))
                .getMessage();
        assertTrue(wide.contains("[11, 8]") && wide.contains("[11, 4]"), wide);
        TransformerLM deep = model(3, 1, 10, 2);
        float[] before = deep.logits(TOKENS).toFloatArray();
        String many = assertThrows(
                        IllegalArgumentException.class,
                        () -> SharedSlices.attach(deep, large, UnaryOperator.identity()))
                .getMessage();
        assertTrue(many.contains("model.layers.2"), many);
        assertArrayEquals(before, deep.logits(TOKENS).toFloatArray(), "half attached");
        assertThrows(IllegalArgumentException.class, () -> SharedSlices.spread("model.layers", 5, 4));
    }
}
