package org.lehr.engine.nn.hybrid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.MambaLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

final class HybridTest {

    private static final Mamba.Form MAMBA = new Mamba.Form(8, 3, 4, 2, 2);

    private static HybridLM<Mamba.State> model(String pattern, long hidden, long seed) {
        return new HybridLM<>(new HybridForm<>(11, 16, 4, pattern, MAMBA, 4, 2, hidden), new RandomStream(seed));
    }

    /// With weights of a size that lets everything matter.
    private static HybridLM<Mamba.State> lively(String pattern) {
        HybridLM<Mamba.State> model = model(pattern, 12, 3);
        model.parameters().forEach((path, parameter) -> {
            if (path.endsWith("proj.weight") || path.contains("embeddings")) {
                parameter.set(parameter.own().detach().mul(8));
            }
        });
        return model;
    }

    private static Tensor tokens(int batch, int times) {
        return Tensor.of(new Random(4).ints((long) batch * times, 0, 11).toArray(), batch, times);
    }

    /// What the model says, one token after the other with a longer piece between.
    private static double[] stepwise(HybridLM<Mamba.State> model, Tensor tokens) {
        List<Tensor> ys = new ArrayList<>();
        HybridLM.State<Mamba.State> state = model.start(tokens.extent(0));
        for (int t = 0; t < tokens.extent(1); ) {
            int to = t == 4 ? t + 3 : t + 1;
            Step<HybridLM.State<Mamba.State>> step = model.run(tokens.slice(1, t, to), state);
            ys.add(step.y());
            state = step.state();
            t = to;
        }
        return Concat.concat(1, ys.toArray(Tensor[]::new)).toDoubleArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmma", "a", "m", "am"})
    void oneTokenAfterTheOtherGivesWhatAllAtOnceGive(String pattern) {
        Tensor tokens = tokens(2, 20);
        HybridLM<Mamba.State> gentle = model(pattern, 12, 3);
        assertArrayEquals(gentle.logits(tokens).toDoubleArray(), stepwise(gentle, tokens), 1e-5);
        HybridLM<Mamba.State> exact = lively(pattern);
        exact.convert(DType.FLOAT64);
        assertArrayEquals(exact.logits(tokens).toDoubleArray(), stepwise(exact, tokens), 1e-10);
    }

    @Test
    void thePatternBeginsAgainWhereItEnds() {
        List<String> names =
                List.copyOf(new HybridLM<>(new HybridForm<>(11, 16, 5, "ma", MAMBA, 4, 4, 0), new RandomStream(1))
                        .parameters()
                        .keySet());
        for (int i = 0; i < 5; i++) {
            String at = "backbone.layers." + i + ".mixer.";
            assertEquals(i % 2 == 0, names.contains(at + "A_log"), at);
            assertEquals(i % 2 == 1, names.contains(at + "q_proj.weight"), at);
        }
        assertTrue(names.stream().noneMatch(name -> name.contains("mlp")));
    }

    @Test
    void mambaAloneIsMamba() {
        HybridLM<Mamba.State> hybrid = model("m", 0, 7);
        MambaLM<Mamba.State> plain = new MambaLM<>(new MambaLM.Form<>(11, 16, 4, MAMBA), new RandomStream(9));
        hybrid.load(new LinkedHashMap<>(plain.state()));
        Tensor tokens = tokens(2, 9);
        assertArrayEquals(
                plain.logits(tokens).toFloatArray(), hybrid.logits(tokens).toFloatArray());
        assertEquals(plain.flopsPerToken(), hybrid.flopsPerToken());
    }

    @Test
    void attentionTakesGradientsThroughWhatItHasSeen() {
        CausalAttention layer = new CausalAttention(
                new CausalAttention.Form(5, 3, 4, 2, 2, 0.7, 100),
                Initializer.normal(1),
                Initializer.normal(1),
                new RandomStream(5));
        LayerGradient.check(layer, 2, 6, 5);
        Tensor x = LayerGradient.normal(2, 7, 5).requiringGradient();
        Tensor whole = layer.apply(x).square().sum();
        Step<KeyValues> first = layer.run(x.slice(1, 0, 3), layer.start(2));
        Step<KeyValues> second = layer.run(x.slice(1, 3, 7), first.state());
        Tensor pieces = first.y().square().sum().add(second.y().square().sum());
        assertEquals(whole.item(), pieces.item(), 1e-9 * Math.abs(whole.item()));
        double[] expected =
                Autograd.gradient(List.of(whole), List.of(x), false).getFirst().toDoubleArray();
        double[] found =
                Autograd.gradient(List.of(pieces), List.of(x), false).getFirst().toDoubleArray();
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 1e-9 * Math.max(1, Math.abs(expected[i])));
        }
        assertEquals(7, second.state().length());
    }

    /// Two ways to go on from one state, token by token, without a record: neither sees what the other has read.
    @Test
    void sequencesThatShareMemoryGoTheirOwnWays() {
        HybridLM<Mamba.State> model = lively("am");
        Tensor common = tokens(2, 5);
        Tensor left = tokens(2, 12).slice(1, 5, 12);
        Tensor right = Tensor.of(new Random(9).ints(14, 0, 11).toArray(), 2, 7);
        Recording.off(() -> {
            HybridLM.State<Mamba.State> begun =
                    model.run(common, model.start(2)).state();
            HybridLM.State<Mamba.State> a =
                    model.run(left.slice(1, 0, 1), begun).state();
            HybridLM.State<Mamba.State> b =
                    model.run(right.slice(1, 0, 1), begun).state();
            HybridLM.State<Mamba.State> c = model.run(right.slice(1, 1, 2), a).state();
            Storage room = a.attention().getFirst().keys().storage();
            assertSame(room, c.attention().getFirst().keys().storage());
            double[] ofA = new double[0];
            for (int t = 1; t < 7; t++) {
                Step<HybridLM.State<Mamba.State>> toLeft = model.run(left.slice(1, t, t + 1), a);
                Step<HybridLM.State<Mamba.State>> toRight = model.run(right.slice(1, t, t + 1), b);
                a = toLeft.state();
                b = toRight.state();
                ofA = toLeft.y().toDoubleArray();
                assertArrayEquals(last(model, common, right, t + 1), toRight.y().toDoubleArray(), 1e-4);
            }
            assertArrayEquals(last(model, common, left, 7), ofA, 1e-4);
            return null;
        });
    }

    private static double[] last(HybridLM<Mamba.State> model, Tensor first, Tensor then, int count) {
        Tensor all = Concat.concat(1, first, then.slice(1, 0, count));
        long length = all.extent(1);
        return model.logits(all).slice(1, length - 1, length).toDoubleArray();
    }

    @Test
    void rotaryScoresDependOnDistancesOnly() {
        CausalAttention.Form form = new CausalAttention.Form(4, 4, 1, 1, 4, 1, 100);
        CausalAttention layer =
                new CausalAttention(form, Initializer.normal(1), Initializer.normal(1), new RandomStream(5));
        Tensor x = LayerGradient.normal(1, 1, 4).to(DType.FLOAT32);
        Tensor other = new RandomStream(8).normal(DType.FLOAT32, 1, 6, 4);
        // What came before changes the state, but among positions that see the same, only distances count.
        KeyValues far =
                new KeyValues(Tensor.full(0, x.device(), x.dtype(), 1, 1, 1000, 4), Tensor.zeros(1, 1, 1000, 4), null);
        Tensor near =
                layer.attend(layer.projections(other), layer.start(1)).state().keys();
        Tensor late = layer.attend(layer.projections(other), far).state().keys().slice(2, 1000, 1006);
        Tensor nearProducts = near.matmul(near.transpose(2, 3));
        Tensor lateProducts = late.matmul(late.transpose(2, 3));
        assertArrayEquals(nearProducts.toFloatArray(), lateProducts.toFloatArray(), 1e-4f);
        assertTrue(near.sub(late).abs().max().item() > 0.1);
    }

    @Test
    void gradientsAreThoseOfDifferences() {
        HybridBlock<Mamba.State> mamba = new HybridBlock<>(
                3,
                4,
                Initializer.normal(1),
                stream -> new Mamba(new Mamba.Form(3, 2, 2, 2, 1), 1, stream),
                new RandomStream(2));
        LayerGradient.check(mamba, 2, 5, 3);
    }

    @Test
    void whatWasSavedGivesTheSameBitsOnAnyNumberOfThreads() {
        HybridLM<Mamba.State> model = lively("mmma");
        HybridLM<Mamba.State> other = model("mmma", 12, 99);
        other.load(new LinkedHashMap<>(model.state()));
        Tensor tokens = tokens(3, 16);
        float[] expected = model.logits(tokens).toFloatArray();
        for (int threads : new int[] {1, 2, 5}) {
            float[] found = Workers.with(threads, () -> other.logits(tokens).toFloatArray());
            assertArrayEquals(expected, found, threads + " threads");
        }
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(IllegalArgumentException.class, () -> model("mxa", 0, 1))
                .getMessage();
        assertTrue(message.contains("'x'"), message);
        assertThrows(IllegalArgumentException.class, () -> model("", 0, 1));
        assertThrows(IllegalArgumentException.class, () -> model("m", -1, 1));
        message = assertThrows(IllegalArgumentException.class, () -> CausalAttention.Form.of(8, 3, 3))
                .getMessage();
        assertTrue(message.contains("width 8, heads 3"), message);
        assertThrows(IllegalArgumentException.class, () -> new CausalAttention.Form(4, 4, 1, 1, 3, 1, 100));
        assertThrows(IllegalArgumentException.class, () -> new CausalAttention.Form(4, 4, 1, 1, 4, Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> model("m", 0, 1).logits(Tensor.of(new int[] {1, 2})));
    }
}
