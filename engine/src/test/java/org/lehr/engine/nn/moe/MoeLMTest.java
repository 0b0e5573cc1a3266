package org.lehr.engine.nn.moe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Prediction;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.DType;

final class MoeLMTest {

    private static final Tensor TOKENS = Tensor.of(new int[] {0, 3, 4, 1, 2, 2}, 2, 3);
    private static final Tensor TARGETS = Tensor.of(new int[] {3, 4, 0, 2, 2, 1}, 6);

    private static MoeLM model(Routers router, int layers, int every) {
        TransformerConfig shape = TransformerConfig.of(new TransformerSizes(5, 4, layers, 4, 2, 1, 3))
                .withInitial(new Initial(0.5, true));
        MixtureOfExperts.Form form = MixtureOfExperts.Form.dropless(new Experts.Form(4, 3, Activation.SILU, true));
        int chosen = router == Routers.HASH ? 1 : 2;
        return new MoeLM(
                new MoeConfig(shape, form, every, router.of(4, chosen, 5), router.losses()), new RandomStream(3));
    }

    @TestFactory
    Stream<DynamicTest> gradientsOfTheWholeLoss() {
        return Stream.of(Routers.values())
                .map(router -> DynamicTest.dynamicTest(router.name(), () -> {
                    MoeLM model = model(router, 1, 1);
                    // The gates begin near 0, where a small step could change a choice.
                    model.parameters().forEach((path, p) -> {
                        if (path.contains(".gate.")) {
                            p.set(p.own().detach().mul(40));
                        }
                    });
                    SequencedMap<RandomStream, RandomStream.State> places = new LinkedHashMap<>();
                    model.streams().values().forEach(stream -> places.put(stream, stream.state()));
                    LayerGradient.check(model, _ -> {
                        places.forEach(RandomStream::restore);
                        Prediction prediction = model.predict(TOKENS);
                        return prediction.total(CrossEntropy.crossEntropy(prediction.logits(), TARGETS));
                    });
                }));
    }

    @Test
    void everySecondBlockHasAMixture() {
        Set<String> names = model(Routers.SIGMOID, 4, 2).state().keySet();
        assertTrue(names.contains("model.layers.0.mlp.gate_proj.weight"), names::toString);
        assertTrue(names.contains("model.layers.1.block_sparse_moe.gate.weight"), names::toString);
        assertTrue(names.contains("model.layers.3.block_sparse_moe.gate.e_score_correction_bias"), names::toString);
        assertTrue(names.contains("model.layers.3.block_sparse_moe.experts.w1"), names::toString);
        assertTrue(names.stream().noneMatch(name -> name.contains("layers.2.block_sparse_moe")), names::toString);
    }

    @Test
    void lossesComeFromEveryMixtureInTrainingOnly() {
        MoeLM model = model(Routers.SOFTMAX, 2, 1);
        Prediction prediction = model.predict(TOKENS);
        assertEquals(4, prediction.losses().size());
        double expected = prediction.losses().stream()
                .mapToDouble(loss -> loss.coefficient() * loss.value().item())
                .sum();
        assertEquals(expected, prediction.total(Tensor.scalar(0)).item(), 1e-6);
        model.train(false);
        assertEquals(List.of(), model.predict(TOKENS).losses());
        assertArrayEquals(
                prediction.logits().toDoubleArray(), model.logits(TOKENS).toDoubleArray());
    }

    @Test
    void aTokenUsesAPartOfTheParameters() {
        MoeLM sparse = model(Routers.SOFTMAX, 1, 1);
        // Two of four experts of 3·3·4 weights are idle; the embedding is no product.
        double used = sparse.parameterCount() - 2 * 36 - 5 * 4;
        assertEquals(6 * used + 6.0 * 4 * 4, sparse.flopsPerToken());
    }

    @Test
    void causalRoutersLetNothingSeeTheFuture() {
        for (Routers router : Routers.values()) {
            MoeLM model = model(router, 2, 1);
            model.train(false);
            model.convert(DType.FLOAT64);
            double[] some = model.logits(TOKENS).slice(1, 0, 2).toDoubleArray();
            double[] other = model.logits(Tensor.of(new int[] {0, 3, 1, 1, 2, 0}, 2, 3))
                    .slice(1, 0, 2)
                    .toDoubleArray();
            assertArrayEquals(some, other, 1e-12, router.name());
        }
    }

    @Test
    void expertsHaveTheirPublicNames() {
        MoeLM model = model(Routers.SOFTMAX, 1, 1);
        SequencedMap<String, Tensor> single = MixtralNames.split(model.state());
        Tensor third = single.get("model.layers.0.block_sparse_moe.experts.2.w1.weight");
        Tensor all = model.state().get("model.layers.0.block_sparse_moe.experts.w1");
        assertEquals(all.storage(), third.storage());
        assertArrayEquals(all.slice(0, 2, 3).toDoubleArray(), third.toDoubleArray());
        MoeLM other = model(Routers.SOFTMAX, 1, 1);
        other.load(MixtralNames.stack(single));
        model.state()
                .forEach((name, tensor) -> assertArrayEquals(
                        tensor.toDoubleArray(), other.state().get(name).toDoubleArray(), name));
        single.remove("model.layers.0.block_sparse_moe.experts.2.w1.weight");
        Exception missing = assertThrows(IllegalArgumentException.class, () -> MixtralNames.stack(single));
        assertTrue(missing.getMessage().contains("[0, 1, 3]"), missing.getMessage());
    }

    @Test
    void wrongUsesAreRefused() {
        List<String> messages = new ArrayList<>();
        messages.add(assertThrows(IllegalArgumentException.class, () -> model(Routers.SOFTMAX, 2, 3))
                .getMessage());
        messages.add(assertThrows(IllegalArgumentException.class, () -> Routers.named("rnn"))
                .getMessage());
        messages.add(assertThrows(IllegalArgumentException.class, () -> Routers.HASH.of(4, 2, 5))
                .getMessage());
        messages.add(assertThrows(
                        IllegalArgumentException.class,
                        () -> model(Routers.SOFTMAX, 1, 1).logits(Tensor.of(new int[6], 1, 6)))
                .getMessage());
        assertTrue(messages.get(0).contains("one of 3 for 2 layers"), messages::toString);
        assertTrue(messages.get(1).contains("'rnn'"), messages::toString);
        assertTrue(messages.get(2).contains("got 2"), messages::toString);
        assertTrue(messages.get(3).contains("[1, 6]"), messages::toString);
    }
}
