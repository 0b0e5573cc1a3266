package org.lehr.engine.nn.moe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.nn.moe.Routes.WEIGHT;
import static org.lehr.engine.nn.moe.Routes.normal;
import static org.lehr.engine.nn.moe.Routes.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.AuxiliaryLoss;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.moe.MixtureOfExperts.Form;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.parallel.Workers;

final class MixtureOfExpertsTest {

    private static final Experts.Form GATED = new Experts.Form(3, 5, Activation.SILU, true);
    private static final Experts.Form PLAIN = new Experts.Form(3, 5, Activation.GELU, false);

    private static MixtureOfExperts layer(Form form, Router router, RoutingLoss.Term... losses) {
        MixtureOfExperts layer = new MixtureOfExperts(form, router, List.of(losses), WEIGHT, WEIGHT, random(11));
        layer.convert(DType.FLOAT64);
        return layer;
    }

    private static MixtureOfExperts topTwo(Form form) {
        return layer(form, Routes.softmax(3, 4, TopK.of(2)));
    }

    @Test
    void equalExpertsAreADenseLayer() {
        for (Experts.Form form : List.of(GATED, PLAIN)) {
            MixtureOfExperts layer = topTwo(Form.dropless(form));
            Mlp dense = new Mlp(
                    3,
                    new Mlp.Form(5, form.activation(), form.gated(), false),
                    Mlp.Names.LLAMA,
                    WEIGHT,
                    WEIGHT,
                    random(2));
            dense.convert(DType.FLOAT64);
            Map<String, Parameter> own = dense.parameters();
            Map<String, Parameter> stacked = layer.parameters();
            same(own.get(form.gated() ? "gate_proj.weight" : "up_proj.weight"), stacked.get("experts.w1"));
            same(own.get("down_proj.weight"), stacked.get("experts.w2"));
            if (form.gated()) {
                same(own.get("up_proj.weight"), stacked.get("experts.w3"));
            }
            Tensor x = normal(1, 2, 7, 3);
            assertArrayEquals(dense.apply(x).toDoubleArray(), layer.apply(x).toDoubleArray(), 1e-12);
        }
    }

    private static void same(Parameter one, Parameter stacked) {
        stacked.set(one.own().detach().unsqueeze(0).expand(stacked.own().shape().toArray()));
    }

    @Test
    void allOfAllExpertsAreTheSoftmaxMixture() {
        MixtureOfExperts layer = layer(Form.dropless(GATED), Routes.softmax(3, 4, TopK.of(4)));
        Tensor x = normal(1, 2, 7, 3);
        assertArrayEquals(reference(layer, GATED, x, 4), layer.apply(x).toDoubleArray(), 1e-12);
    }

    @Test
    void twoOfFourAreWhatTheEquationsSay() {
        Tensor x = normal(1, 2, 7, 3);
        for (Experts.Form form : List.of(GATED, PLAIN)) {
            MixtureOfExperts layer = topTwo(Form.dropless(form));
            assertArrayEquals(reference(layer, form, x, 2), layer.apply(x).toDoubleArray(), 1e-12);
        }
    }

    /// Token by token: the softmax of the gate, its `k` largest made to sum to 1, and each chosen expert by loops.
    private static double[] reference(MixtureOfExperts layer, Experts.Form form, Tensor x, int k) {
        double[] gate = values(layer, "gate.weight");
        double[] in = x.toDoubleArray();
        double[] out = new double[in.length];
        int n = (int) form.width();
        int e = gate.length / n;
        for (int at = 0; at < in.length; at += n) {
            double[] token = Arrays.copyOfRange(in, at, at + n);
            double[] p = new double[e];
            for (int i = 0; i < e; i++) {
                p[i] = Math.exp(dot(gate, i * n, token));
            }
            double[] sorted = p.clone();
            Arrays.sort(sorted);
            double chosen = Arrays.stream(sorted, e - k, e).sum();
            for (int i = 0; i < e; i++) {
                if (p[i] >= sorted[e - k]) {
                    double[] y = expert(layer, form, i, token);
                    for (int j = 0; j < n; j++) {
                        out[at + j] += p[i] / chosen * y[j];
                    }
                }
            }
        }
        return out;
    }

    private static double[] expert(MixtureOfExperts layer, Experts.Form form, int expert, double... token) {
        int n = (int) form.width();
        int h = (int) form.hidden();
        double[] inner = new double[h];
        for (int i = 0; i < h; i++) {
            int row = (expert * h + i) * n;
            double u = dot(values(layer, "experts.w1"), row, token);
            inner[i] = form.activation().apply(Tensor.of(new double[] {u}, 1)).item();
            inner[i] *= form.gated() ? dot(values(layer, "experts.w3"), row, token) : 1;
        }
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            y[i] = dot(values(layer, "experts.w2"), (expert * n + i) * h, inner);
        }
        return y;
    }

    private static double[] values(MixtureOfExperts layer, String name) {
        return layer.parameters().get(name).own().toDoubleArray();
    }

    private static double dot(double[] matrix, int from, double... vector) {
        double sum = 0;
        for (int i = 0; i < vector.length; i++) {
            sum += matrix[from + i] * vector[i];
        }
        return sum;
    }

    @Test
    void enoughCapacityIsNoLimit() {
        Tensor x = normal(1, 2, 7, 3);
        double[] free = topTwo(Form.dropless(GATED)).apply(x).toDoubleArray();
        for (Capacity.Order order : Capacity.Order.values()) {
            Form form = new Form(GATED, new Capacity(4, 0, order), null);
            assertArrayEquals(free, topTwo(form).apply(x).toDoubleArray());
        }
    }

    @Test
    void whatIsBeyondTheCapacityGoesNowhere() {
        Tensor logits = Tensor.of(new double[] {1, 0, 3, 0, 2, 0, 0, 1}, 1, 4, 2);
        Routing routing = Routes.first(logits, 0, 0, 0, 1);
        // Half of four slots each: expert 0 takes two of its three.
        assertArrayEquals(
                new long[] {0, 0, -1, 1},
                new Capacity(1, 0, Capacity.Order.POSITION)
                        .limit(routing)
                        .indices()
                        .toLongArray());
        Routing limited = new Capacity(1, 0, Capacity.Order.PROBABILITY).limit(routing);
        assertArrayEquals(new long[] {-1, 0, 0, 1}, limited.indices().toLongArray());
        assertEquals(0.25, RoutingStatistics.of(limited).unrouted());
        assertArrayEquals(
                new long[] {0, 0, 0, 1},
                new Capacity(1, 3, Capacity.Order.POSITION)
                        .limit(routing)
                        .indices()
                        .toLongArray());
    }

    @Test
    void firstChoicesComeBeforeSecondOnes() {
        Tensor indices = Tensor.of(new long[] {0, 1, 1, 0, 1, 0}, 1, 3, 2);
        Tensor logits = normal(1, 1, 3, 2);
        Routing routing = new Routing(2, indices, normal(2, 1, 3, 2), new Scores(logits, logits.softmax(-1)), 3, 3);
        long[] left = new Capacity(2.0 / 3, 0, Capacity.Order.POSITION)
                .limit(routing)
                .indices()
                .toLongArray();
        assertArrayEquals(new long[] {0, -1, 1, 0, 1, -1}, left);
    }

    @Test
    void aTokenWithoutExpertGivesZeros() {
        MixtureOfExperts layer = layer(Form.dropless(GATED), new ExpertChoiceRouter(3, 4, 2, WEIGHT, random(5)));
        layer.router().onSelection(_ -> Tensor.of(new long[] {-1, -1, -1, -1, 0, 1, -1, -1, -1, -1, 2, -1}, 1, 3, 4));
        LayerGradient.check(layer, x -> layer.apply(x[0]), normal(1, 1, 3, 3));
        double[] y = layer.apply(normal(1, 1, 3, 3)).toDoubleArray();
        assertArrayEquals(new double[3], Arrays.copyOf(y, 3));
        assertTrue(y[3] != 0 && y[6] != 0);
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreThoseOfCentralDifferences() {
        List<Form> forms = new ArrayList<>(List.of(
                Form.dropless(GATED),
                Form.dropless(PLAIN),
                new Form(GATED, new Capacity(0.8, 1, Capacity.Order.PROBABILITY), null)));
        for (DensePath.Join join : DensePath.Join.values()) {
            forms.add(new Form(GATED, null, new DensePath(join, 2)));
        }
        return forms.stream()
                .map(form -> DynamicTest.dynamicTest(form.toString(), () -> {
                    MixtureOfExperts layer = topTwo(form);
                    LayerGradient.check(layer, x -> layer.apply(x[0]), normal(1, 1, 4, 3));
                }));
    }

    @Test
    void sharedExpertsAndResidualsJoin() {
        Tensor x = normal(1, 1, 4, 3);
        double[] sparse = topTwo(Form.dropless(GATED)).apply(x).toDoubleArray();
        MixtureOfExperts shared = topTwo(new Form(GATED, null, new DensePath(DensePath.Join.SHARED, 2)));
        MixtureOfExperts residual = topTwo(new Form(GATED, null, new DensePath(DensePath.Join.RESIDUAL, 2)));
        shared.parameters().get("shared_experts.down_proj.weight").set(Tensor.zeros(3, 2));
        assertArrayEquals(sparse, shared.apply(x).toDoubleArray());
        residual.parameters().get("shared_experts.down_proj.weight").set(Tensor.zeros(3, 2));
        residual.parameters().get("shared_expert_gate.weight").set(Tensor.zeros(2, 3));
        double[] half = residual.apply(x).mul(2).toDoubleArray();
        assertArrayEquals(sparse, half);
    }

    @Test
    void expertChoiceMixesWithTheScores() {
        MixtureOfExperts layer = layer(Form.dropless(GATED), new ExpertChoiceRouter(3, 4, 2, WEIGHT, random(5)));
        LayerGradient.check(layer, x -> layer.apply(x[0]), normal(1, 2, 3, 3));
        assertEquals(
                4,
                layer.mix(RouterInput.of(normal(1, 2, 3, 3)))
                        .routing()
                        .indices()
                        .extent(-1));
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        Experts.Form wide = new Experts.Form(96, 160, Activation.SILU, true);
        Tensor x = random(3).normal(DType.FLOAT32, 2, 300, 96);
        List<double[]> one = Workers.with(1, () -> everything(wide, x));
        for (int threads : new int[] {2, 5}) {
            List<double[]> more = Workers.with(threads, () -> everything(wide, x));
            for (int i = 0; i < one.size(); i++) {
                assertArrayEquals(one.get(i), more.get(i), threads + " threads, tensor " + i);
            }
        }
    }

    private static List<double[]> everything(Experts.Form form, Tensor x) {
        MixtureOfExperts layer = new MixtureOfExperts(
                Form.dropless(form), Routes.softmax(96, 5, TopK.of(2)), List.of(), WEIGHT, WEIGHT, random(11));
        layer.convert(DType.FLOAT32);
        Tensor leaf = x.requiringGradient();
        Tensor y = layer.apply(leaf);
        y.square().mean().backward();
        List<double[]> all =
                new ArrayList<>(List.of(y.toDoubleArray(), leaf.gradient().toDoubleArray()));
        layer.parameters().values().forEach(p -> all.add(p.gradient().toDoubleArray()));
        return all;
    }

    @Test
    void narrowModelsKeepTheirDtype() {
        MixtureOfExperts layer = topTwo(Form.dropless(GATED));
        layer.convert(DType.BFLOAT16);
        Tensor y = layer.apply(normal(1, 2, 7, 3).to(DType.BFLOAT16));
        assertEquals(DType.BFLOAT16, y.dtype());
        y.sum().backward();
        layer.parameters()
                .forEach((path, p) -> assertEquals(DType.BFLOAT16, p.gradient().dtype(), path));
    }

    @Test
    void nothingComesOfNothing() {
        assertEquals(0, topTwo(Form.dropless(GATED)).apply(normal(1, 2, 0, 3)).size());
    }

    @Test
    void lossesAreForTraining() {
        MixtureOfExperts layer = layer(
                Form.dropless(GATED),
                Routes.softmax(3, 4, TopK.of(2)),
                RoutingLoss.Term.of(RoutingLosses.SWITCH, 0.01),
                RoutingLoss.Term.of(RoutingLosses.Z, 0.001));
        RouterInput input = RouterInput.of(normal(1, 2, 7, 3));
        List<AuxiliaryLoss> losses = layer.mix(input).losses();
        assertEquals(
                List.of("switch", "z"), losses.stream().map(AuxiliaryLoss::name).toList());
        assertEquals(0.01, losses.getFirst().coefficient());
        layer.train(false);
        assertEquals(List.of(), layer.mix(input).losses());
    }

    @Test
    void wrongUsesAreRefused() {
        assertFalse(topTwo(Form.dropless(GATED)).idleParameters() == 0);
        refused("[2, 7, 4]", () -> topTwo(Form.dropless(GATED)).apply(normal(1, 2, 7, 4)));
        refused("hidden 0", () -> new Experts.Form(3, 0, Activation.SILU, true));
        refused("must be positive, got 0", () -> new DensePath(DensePath.Join.SHARED, 0));
        refused("positive factor", () -> new Capacity(0, 0, Capacity.Order.POSITION));
    }

    private static void refused(String fragment, Executable use) {
        Exception thrown = assertThrows(IllegalArgumentException.class, use);
        assertTrue(thrown.getMessage().contains(fragment), thrown.getMessage());
    }
}
