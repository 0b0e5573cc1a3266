package org.lehr.engine.nn.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.norm.SpectralNorm;
import org.lehr.engine.nn.norm.WeightNorm;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class PeftTest {

    private static final RandomStream RANDOM = new RandomStream(5);

    private final TransformerLM model = new TransformerLM(TransformerConfig.of(7, 5, 2, 8, 2), RANDOM);
    private final Tensor tokens = Tensor.of(new int[] {1, 2, 3, 4, 5, 6, 0, 1}, 2, 4);

    private float[] logits() {
        return model.logits(tokens).toFloatArray();
    }

    private static void fill(Attachment attachment) {
        attachment
                .parameters()
                .values()
                .forEach(p -> p.set(RANDOM.split("fill")
                        .normal(DType.FLOAT32, p.own().shape().toArray())));
    }

    @Test
    void lowRankChangesBeginAtNothingAndCanBeMerged() {
        float[] before = logits();
        Lora lora = Lora.attach(model, (path, p) -> path.contains("q_proj") || path.contains("down"), 2, 4, RANDOM);
        assertArrayEquals(before, logits());
        assertEquals(8, lora.parameters().size());
        fill(lora);
        float[] changed = logits();
        String path = "model.layers.1.mlp.down_proj.weight";
        assertEquals(
                model.parameters().get(path).own().shape(), lora.change(path).shape());
        lora.detach();
        assertFalse(lora.isAttached());
        assertArrayEquals(before, logits());
        Lora again = Lora.attach(model, (name, p) -> lora.parameters().containsKey(name + ".lora_A"), 2, 4, RANDOM);
        again.load(lora.state());
        again.merge();
        assertArrayEquals(changed, logits(), 1e-5f);
        assertThrows(IllegalStateException.class, again::merge);
    }

    @Test
    void onlyTheChangeIsTrainedWhenTheModelIsFrozen() {
        Attachment.freeze(model, true);
        assertTrue(model.parameters().values().stream().allMatch(Parameter::isFrozen));
        Lora lora = Lora.attach(model, (path, p) -> path.contains("v_proj"), 2, 2, RANDOM);
        fill(lora);
        model.logits(tokens).square().sum().backward();
        model.parameters().forEach((path, p) -> assertNull(p.gradient(), path));
        lora.parameters().forEach((path, p) -> assertNotNull(p.gradient(), path));
        Attachment.freeze(model, false);
        model.logits(tokens).square().sum().backward();
        model.parameters().forEach((path, p) -> assertNotNull(p.gradient(), path));
    }

    @Test
    void gradientsOfTheChanges() {
        Lora lora = Lora.attach(model, (path, p) -> path.contains("layers.0.self_attn"), 2, 3, RANDOM);
        fill(lora);
        model.convert(DType.FLOAT64);
        LayerGradient.check(lora, x -> model.logits(tokens));
        lora.detach();
        Ia3 ia3 = Ia3.attach(model, (path, p) -> path.contains("v_proj"), (path, p) -> path.contains("down_proj"));
        LayerGradient.check(ia3, x -> model.logits(tokens));
        ia3.detach();
        Adapters adapters =
                Adapters.attach(model, (path, layer) -> path.endsWith(".mlp"), 8, 3, Activation.GELU, RANDOM);
        fill(adapters);
        LayerGradient.check(adapters, x -> model.logits(tokens));
    }

    /// A layer that computes the weight of another one hands it on; the change is added to that, once.
    @Test
    void changesAreAddedOnceToWeightsThatWrappersCompute() {
        Tensor x = LayerGradient.normal(3, 4).to(DType.FLOAT32);
        for (UnaryOperator<Layer> wrapper :
                List.<UnaryOperator<Layer>>of(WeightNorm::new, layer -> new SpectralNorm(layer, 1, RANDOM))) {
            Linear linear = new Linear(4, 2, false, RANDOM);
            Layer wrapped = wrapper.apply(linear);
            wrapped.train(false);
            float[] before = wrapped.apply(x).toFloatArray();
            Lora lora = Lora.attach(wrapped, (path, p) -> path.endsWith(".weight"), 1, 1, RANDOM);
            fill(lora);
            Tensor change = x.matmul(lora.change("layer.weight").transpose(0, 1));
            assertArrayEquals(
                    change.add(Tensor.of(before, 3, 2)).toFloatArray(),
                    wrapped.apply(x).toFloatArray(),
                    1e-5f);
        }
    }

    @Test
    void factorsScaleWhatMapsGiveOrTake() {
        float[] before = logits();
        Ia3 ia3 = Ia3.attach(model, (path, p) -> path.contains("k_proj"), (path, p) -> path.contains("down_proj"));
        assertArrayEquals(before, logits());
        assertEquals(
                Set.of(8L, 32L),
                Set.copyOf(ia3.parameters().values().stream()
                        .map(p -> p.own().size())
                        .toList()));
        ia3.parameters().values().forEach(p -> p.set(Tensor.zeros(p.own().size())));
        String down = "model.layers.0.mlp.down_proj.weight";
        assertEquals(0, model.parameters().get(down).value().abs().sum().item());
        ia3.detach();
        assertArrayEquals(before, logits());
    }

    @Test
    void adaptersBeginAtNothing() {
        float[] before = logits();
        Adapters adapters =
                Adapters.attach(model, (path, layer) -> path.endsWith(".mlp"), 8, 3, Activation.RELU, RANDOM);
        assertArrayEquals(before, logits());
        assertTrue(adapters.parameters().containsKey("model.layers.1.mlp.up.weight"));
        adapters.detach();
        assertArrayEquals(before, logits());
    }

    @Test
    void badChoicesAreNamed() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Lora.attach(model, (path, p) -> path.equals("x"), 2, 2, RANDOM))
                .getMessage();
        assertTrue(message.contains("lora") && message.contains("model.norm.weight"), message);
        assertThrows(IllegalArgumentException.class, () -> Lora.attach(model, (path, p) -> true, 0, 2, RANDOM));
        assertThrows(
                IllegalArgumentException.class,
                () -> Adapters.attach(model, (path, layer) -> false, 8, 3, Activation.RELU, RANDOM));
        Lora lora = Lora.attach(model, (path, p) -> path.contains("q_proj"), 2, 2, RANDOM);
        assertThrows(IllegalArgumentException.class, () -> lora.change("model.norm.weight"));
        assertEquals(
                List.of(2L, 8L),
                List.of(
                        lora.parameters().firstEntry().getValue().own().extent(0),
                        lora.parameters().firstEntry().getValue().own().extent(1)));
    }
}
