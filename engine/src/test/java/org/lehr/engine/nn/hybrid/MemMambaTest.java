package org.lehr.engine.nn.hybrid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Decoding;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.MambaLM;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;
import org.lehr.kernels.parallel.Workers;

final class MemMambaTest {

    private static final Mamba.Form MAMBA = new Mamba.Form(4, 2, 3, 2, 1);

    private static MemMambaLM model(MemMambaForm block, int layers, long seed) {
        MemMambaLM model = new MemMambaLM(new MemMambaLM.Form(7, 16, layers, block), new RandomStream(seed));
        // Embeddings of size 1, so that scores lie on both sides of the thresholds.
        var embedding = model.parameters().get("backbone.embeddings.weight");
        embedding.set(embedding.own().detach().mul(50));
        return model;
    }

    private static MemMambaForm block(double importantFrom, double forgottenFrom, int every) {
        return new MemMambaForm(MAMBA, 2, 3, 5, importantFrom, forgottenFrom, every);
    }

    private static Tensor tokens(int batch, int times) {
        return Tensor.of(new Random(4).ints((long) batch * times, 0, 7).toArray(), batch, times);
    }

    private static double[] inPieces(MemMambaLM model, Tensor tokens, int... lengths) {
        List<Tensor> ys = new ArrayList<>();
        List<MemMambaBlock.State> state = model.start(tokens.extent(0));
        long from = 0;
        for (int i = 0; from < tokens.extent(1); i++) {
            long to = Math.min(tokens.extent(1), from + lengths[i % lengths.length]);
            Step<List<MemMambaBlock.State>> step = model.run(tokens.slice(1, from, to), state);
            ys.add(step.y());
            state = step.state();
            from = to;
        }
        return Concat.concat(1, ys.toArray(Tensor[]::new)).toDoubleArray();
    }

    @Test
    void piecesGiveWhatAllAtOnceGives() {
        MemMambaLM model = model(block(0.4, 0.3, 2), 3, 1);
        model.convert(DType.FLOAT64);
        Tensor tokens = tokens(2, 33);
        double[] whole = model.logits(tokens).toDoubleArray();
        assertArrayEquals(whole, inPieces(model, tokens, 1), 1e-11);
        assertArrayEquals(whole, inPieces(model, tokens, 2, 7, 5, 12), 1e-11);
    }

    @Test
    void gradientsAreThoseOfDifferences() {
        MemMambaLM model = model(block(0.45, 0.45, 2), 2, 1);
        Tensor tokens = tokens(1, 12);
        LayerGradient.check(model, x -> model.logits(tokens));
    }

    @Test
    void nothingForgottenAndNothingImportantAreMambaAlone() {
        Tensor tokens = tokens(2, 20);
        MambaLM<Mamba.State> plain = new MambaLM<>(new MambaLM.Form<>(7, 16, 2, MAMBA), new RandomStream(3));
        for (MemMambaForm form : List.of(block(0, 0.999, 9), block(0.999, 0, 2))) {
            MemMambaLM model = model(form, 2, 1);
            Map<String, Tensor> weights = new LinkedHashMap<>(model.state());
            weights.putAll(plain.state());
            model.load(weights);
            assertArrayEquals(
                    plain.logits(tokens).toFloatArray(), model.logits(tokens).toFloatArray(), 1e-6f);
        }
        MemMambaLM asking = model(block(0, 0, 2), 2, 1);
        Map<String, Tensor> weights = new LinkedHashMap<>(asking.state());
        weights.putAll(plain.state());
        asking.load(weights);
        float[] first = asking.logits(tokens.slice(1, 0, 5)).toFloatArray();
        assertArrayEquals(plain.logits(tokens.slice(1, 0, 5)).toFloatArray(), first, 1e-6f);
        double difference =
                plain.logits(tokens).sub(asking.logits(tokens)).abs().max().item();
        assertTrue(difference > 1e-3, "after a segment the pool says something: " + difference);
    }

    @Test
    void poolsKeepWhatWasMostImportant() {
        MemoryPool pool = MemoryPool.empty(Device.cpu(), DType.FLOAT32, 1, 3, 1);
        assertArrayEquals(new boolean[] {true, true, true}, booleans(pool.isEmpty()));
        pool = pool.with(
                Tensor.of(new float[] {1, 2, 3}, 1, 3, 1), Tensor.of(new float[] {0.6f, 0.2f, 0.9f}, 1, 3), 0.5);
        assertArrayEquals(new float[] {0.9f, 0.6f, 0}, pool.importance().toFloatArray());
        assertArrayEquals(new float[] {3, 1}, pool.summaries().slice(1, 0, 2).toFloatArray());
        assertArrayEquals(new boolean[] {false, false, true}, booleans(pool.isEmpty()));
        pool = pool.with(Tensor.of(new float[] {4, 5}, 1, 2, 1), Tensor.of(new float[] {0.7f, 0.8f}, 1, 2), 0.5);
        assertArrayEquals(new float[] {3, 5, 4}, pool.summaries().toFloatArray());
        MemoryPool two = MemoryPool.joined(pool, pool);
        assertEquals(6, two.importance().extent(1));
    }

    private static boolean[] booleans(Tensor x) {
        float[] values = x.to(DType.FLOAT32).toFloatArray();
        boolean[] booleans = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            booleans[i] = values[i] != 0;
        }
        return booleans;
    }

    @Test
    void memoryIsBoundedHoweverMuchWasRead() {
        MemMambaLM model = model(block(0.1, 0.1, 2), 2, 1);
        List<MemMambaBlock.State> state = model.start(1);
        for (int piece = 0; piece < 6; piece++) {
            state = model.run(tokens(1, 101), state).state();
            for (MemMambaBlock.State one : state) {
                assertEquals(3, one.pool().importance().extent(1));
                assertEquals(3, one.pool().summaries().extent(1));
                assertEquals((piece + 1) * 101 % 5, one.scores().extent(1));
                assertEquals(one.scores().extent(1), one.summaries().extent(1));
            }
        }
        assertTrue(state.getFirst().pool().importance().min().item() > 0.1);
    }

    /// How much what the model says at the end depends on the first token, which comes nowhere else.
    private static double reach(LanguageModel model) {
        var parameters = model.module().parameters();
        parameters.forEach((path, parameter) -> {
            if (path.endsWith("dt_proj.bias")) {
                parameter.set(parameter.own().detach().mul(0).add(2));
            }
        });
        int[] sequence = new Random(4).ints(60, 0, 6).toArray();
        sequence[0] = 6;
        Tensor said = model.logits(Tensor.of(sequence, 1, 60)).slice(1, 59, 60).slice(2, 0, 6);
        Tensor embedding = parameters.get("backbone.embeddings.weight").own();
        return Autograd.gradient(List.of(said.square().sum()), List.of(embedding), false)
                .getFirst()
                .slice(0, 6, 7)
                .square()
                .sum()
                .sqrt()
                .item();
    }

    @Test
    void aPoolRemembersWhatTheStateHasLost() {
        MambaLM<Mamba.State> plain = new MambaLM<>(new MambaLM.Form<>(7, 16, 2, MAMBA), new RandomStream(1));
        MemMambaForm form = new MemMambaForm(MAMBA, 2, 64, 5, 0, 0, 2);
        double lost = reach(plain);
        double kept = reach(model(form, 2, 1));
        assertTrue(lost < 1e-12 && kept > 1e-6, "Mamba " + lost + ", with pools " + kept);
    }

    @Test
    void everyPthBlockAsksTheBlocksBefore() {
        List<String> names =
                List.copyOf(model(block(0.5, 0.5, 2), 4, 1).parameters().keySet());
        for (int i = 0; i < 4; i++) {
            String at = "backbone.layers." + i + ".";
            assertTrue(names.contains(at + "cross_token.q_proj.weight"), at);
            assertEquals(i % 2 == 1, names.contains(at + "cross_layer.q_proj.weight"), at);
        }
        assertFalse(model(block(0.5, 0.5, 1), 1, 1).parameters().keySet().stream()
                .anyMatch(name -> name.contains("cross_layer")));
    }

    @Test
    void sequencesAreDecodedTokenByToken() {
        MemMambaLM model = model(block(0.4, 0.3, 2), 2, 1);
        int[] sequence = {3, 1, 6, 2, 0, 5, 4, 4, 1, 2, 3};
        Decoding decoding = model.decode(List.of(new int[] {3, 1, 6}));
        for (int i = 3; i < sequence.length; i++) {
            decoding.append(new int[] {sequence[i]});
        }
        float[] expected = model.logits(Tensor.of(sequence, 1, sequence.length))
                .slice(1, sequence.length - 1, sequence.length)
                .toFloatArray();
        assertArrayEquals(expected, decoding.scores()[0], 1e-4f);
    }

    @Test
    void whatWasSavedGivesTheSameBitsOnAnyNumberOfThreads() {
        MemMambaLM model = model(block(0.4, 0.3, 2), 2, 1);
        MemMambaLM other = model(block(0.4, 0.3, 2), 2, 77);
        other.load(new LinkedHashMap<>(model.state()));
        Tensor tokens = tokens(3, 17);
        float[] expected = model.logits(tokens).toFloatArray();
        for (int threads : new int[] {1, 2, 5}) {
            float[] found = Workers.with(threads, () -> other.logits(tokens).toFloatArray());
            assertArrayEquals(expected, found, threads + " threads");
        }
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new MemMambaForm(MAMBA, 3, 3, 5, 0.5, 0.5, 1))
                .getMessage();
        assertTrue(message.contains("width 4, heads 3"), message);
        message = assertThrows(IllegalArgumentException.class, () -> block(Double.NaN, 0.5, 1))
                .getMessage();
        assertTrue(message.contains("NaN"), message);
        assertThrows(IllegalArgumentException.class, () -> block(0.5, 1, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> model(block(0.5, 0.5, 1), 1, 1).logits(Tensor.of(new int[] {1, 2})));
    }
}
