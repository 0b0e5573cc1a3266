package org.lehr.engine.nn.ssm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.nn.ssm.Mamba3.Choices;
import org.lehr.engine.nn.ssm.Mamba3.Form;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.StateSpaceDual;
import org.lehr.kernels.DType;
import org.lehr.kernels.parallel.Workers;

final class Mamba3Test {

    private static final RandomStream RANDOM = new RandomStream(37);

    /// 8 channels in 4 heads of 2 and 2 groups, 4 states of which 2 turn.
    private static final Form SMALL = new Form(4, 4, 2, 2, 2, 4, Choices.defaults());

    private static final Form NORMED = new Form(4, 6, 2, 2, 1, 3, new Choices(1, 1, 0.5, true));
    private static final Form MULTIPLE = new Form(4, 6, 2, 2, 2, 4, new Choices(3, 0.7, 1e-4, false));
    private static final Form ALL = new Form(4, 4, 2, 4, 1, 64, new Choices(2, 1, 1e-4, true));

    private static Stream<Form> forms() {
        return Stream.of(SMALL, NORMED, MULTIPLE, ALL);
    }

    /// At values that are not the first ones, so that vectors and ranks differ.
    private static Mamba3 layer(Form form) {
        Mamba3 layer = new Mamba3(form, RANDOM);
        layer.convert(DType.FLOAT64);
        layer.parameters()
                .forEach((name, parameter) -> parameter.set(parameter
                        .own()
                        .detach()
                        .add(RANDOM.split(name)
                                .normal(DType.FLOAT64, parameter.own().shape().toArray())
                                .mul(0.3))));
        return layer;
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreThoseOfCentralDifferences() {
        return forms().map(form ->
                DynamicTest.dynamicTest(form.toString(), () -> LayerGradient.check(new Mamba3(form, RANDOM), 1, 5, 4)));
    }

    @TestFactory
    Stream<DynamicTest> matchesTheRecurrenceWrittenOut() {
        return forms().map(form -> DynamicTest.dynamicTest(form.toString(), () -> {
            Mamba3 layer = layer(form);
            Tensor x = RANDOM.normal(DType.FLOAT64, 1, 11, 4);
            assertArrayEquals(
                    new Mamba3Recurrence(form, layer.state()).apply(x.toDoubleArray()),
                    layer.apply(x).toDoubleArray(),
                    1e-11);
        }));
    }

    @TestFactory
    Stream<DynamicTest> oneTimeAfterTheOtherGivesWhatAllAtOnceGive() {
        return Stream.of(
                        new Form(24, 16, 2, 4, 1, 16, Choices.defaults()),
                        new Form(24, 16, 2, 4, 1, 64, Choices.multiple()),
                        new Form(24, 16, 2, 4, 3, 16, new Choices(1, 1, 1e-4, true)))
                .map(form -> DynamicTest.dynamicTest(form.toString(), () -> stepwise(new Mamba3(form, RANDOM))));
    }

    private static void stepwise(Mamba3 layer) {
        Tensor x = RANDOM.normal(DType.FLOAT32, 2, 37, 24);
        List<Tensor> ys = new ArrayList<>();
        Mamba3.State state = layer.start(2);
        for (int t = 0; t < 37; t++) {
            Step<Mamba3.State> step = layer.run(x.slice(1, t, t + 1), state);
            ys.add(step.y());
            state = step.state();
        }
        float[] stepwise = Concat.concat(1, ys.toArray(Tensor[]::new)).toFloatArray();
        assertArrayEquals(layer.apply(x).toFloatArray(), stepwise, 1e-5f);
        Mamba3.State end = layer.run(x, layer.start(2)).state();
        assertArrayEquals(end.states().toFloatArray(), state.states().toFloatArray(), 1e-5f);
        assertArrayEquals(end.keys().toFloatArray(), state.keys().toFloatArray(), 2e-5f);
        assertArrayEquals(end.values().toFloatArray(), state.values().toFloatArray(), 1e-5f);
        assertArrayEquals(end.angles().toFloatArray(), state.angles().toFloatArray(), 1e-5f);
        Step<Mamba3.State> nothing = layer.run(x.slice(1, 0, 0), state);
        assertEquals("[2, 0, 24]", nothing.y().shape().toString());
        assertEquals(state, nothing.state());
    }

    @TestFactory
    Stream<DynamicTest> gradientsFlowThroughBothEndsOfTheState() {
        return forms().map(form -> DynamicTest.dynamicTest(form.toString(), () -> {
            Mamba3 layer = layer(form);
            Tensor x = RANDOM.normal(DType.FLOAT64, 2, 9, 4).requiringGradient();
            Tensor whole = layer.apply(x).square().sum();
            Step<Mamba3.State> first = layer.run(x.slice(1, 0, 4), layer.start(2));
            Step<Mamba3.State> second = layer.run(x.slice(1, 4, 9), first.state());
            Tensor pieces = first.y().square().sum().add(second.y().square().sum());
            assertEquals(whole.item(), pieces.item(), 1e-9 * whole.item());
            List<Tensor> wanted = new ArrayList<>(List.of(x));
            layer.parameters().values().forEach(parameter -> wanted.add(parameter.own()));
            List<Tensor> expected = Autograd.gradient(List.of(whole), wanted, false);
            List<Tensor> found = Autograd.gradient(List.of(pieces), wanted, false);
            for (int i = 0; i < wanted.size(); i++) {
                double most = expected.get(i).abs().max().item();
                assertArrayEquals(
                        expected.get(i).toDoubleArray(),
                        found.get(i).toDoubleArray(),
                        1e-9 * (1 + most),
                        "gradient " + i);
            }
        }));
    }

    /// Where every step counts its right end alone and nothing turns, what is left is the recurrence of Mamba-2.
    @Test
    void withoutLeftEndsAndAnglesItIsTheStateSpaceDual() {
        Tensor values = RANDOM.normal(DType.FLOAT64, 2, 20, 1, 3, 4);
        Tensor keys = RANDOM.split("k").normal(DType.FLOAT64, 2, 20, 1, 3, 6);
        Tensor queries = RANDOM.split("q").normal(DType.FLOAT64, 2, 20, 1, 3, 6);
        Tensor steps = RANDOM.split("s").uniform(DType.FLOAT64, 2, 20, 3);
        Tensor none = steps.mul(0);
        Turn still = Turn.of(null, none.unsqueeze(3).expand(2, 20, 3, 2), true);
        assertArrayEquals(keys.toDoubleArray(), still.apply(keys).toDoubleArray());
        Trapezoid trapezoid = new Trapezoid(values, still.apply(keys), still.apply(queries), steps.neg(), steps, none);
        Tensor dual = StateSpaceDual.stateSpaceDual(
                StateSpaceDual.Inputs.of(
                        values.squeeze(2).mul(steps.unsqueeze(3)), steps.neg(), keys.squeeze(2), queries.squeeze(2)),
                8);
        assertArrayEquals(dual.toDoubleArray(), trapezoid.result(8).toDoubleArray(), 1e-13);
    }

    /// The trapezoid rule is of second order: for a smooth input and half the step, a quarter of the error.
    @Test
    void stepsOfHalfTheWidthHaveAQuarterOfTheError() {
        double[] errors = new double[3];
        for (int i = 0; i < 3; i++) {
            int times = 40 << i;
            errors[i] = Math.abs(integral(times) - exact());
        }
        assertEquals(4, errors[0] / errors[1], 0.2);
        assertEquals(4, errors[1] / errors[2], 0.2);
    }

    /// `∫₀⁴ e^(−(4 − u))·cos u du`
    private static double exact() {
        return (Math.cos(4) + Math.sin(4)) / 2 - Math.exp(-4) / 2;
    }

    /// The same by a recurrence over `times` steps, the first left end as what came before.
    private static double integral(int times) {
        double step = 4.0 / times;
        double[] u = new double[times];
        for (int t = 0; t < times; t++) {
            u[t] = Math.cos((t + 1) * step);
        }
        Tensor half = Tensor.full(step / 2, Tensor.scalar(0).device(), DType.FLOAT64, 1, times, 1);
        Tensor ones = half.mul(0).add(1).reshape(1, times, 1, 1, 1);
        Tensor one = Tensor.of(new double[] {1}, 1, 1, 1, 1);
        Trapezoid trapezoid = new Trapezoid(Tensor.of(u, 1, times, 1, 1, 1), ones, ones, half.mul(-2), half, half);
        return trapezoid.scan(one.mul(0), one, one, 16).y().toDoubleArray()[times - 1];
    }

    /// A state that turns by `π` whenever it sees a 1 holds the parity of all it has seen.
    @Test
    void turningStatesFollowParity() {
        int[] bits = {1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1};
        double[] steps = new double[bits.length];
        for (int t = 0; t < bits.length; t++) {
            steps[t] = Math.PI * bits[t];
        }
        Turn turn = Turn.of(null, Tensor.of(steps, 1, bits.length, 1, 1), true);
        double[] values = new double[2 * bits.length];
        values[0] = 1;
        Tensor keys = turn.apply(Tensor.of(values, 1, bits.length, 1, 1, 2));
        Tensor queries =
                turn.apply(Tensor.of(new double[] {1, 0}, 1, 1, 1, 1, 2).expand(1, bits.length, 1, 1, 2));
        Tensor ones = Tensor.full(1, keys.device(), DType.FLOAT64, 1, bits.length, 1);
        Trapezoid trapezoid =
                new Trapezoid(ones.reshape(1, bits.length, 1, 1, 1), keys, queries, ones.mul(0), ones, ones.mul(0));
        double[] y = trapezoid.result(4).toDoubleArray();
        int parity = 0;
        for (int t = 0; t < bits.length; t++) {
            // What was written at time 0 has turned with that time's bit already.
            parity ^= t == 0 ? 0 : bits[t];
            assertEquals(parity == 0 ? 1 : -1, y[t], 1e-12, "time " + t);
        }
    }

    @Test
    void anglesOfLongSequencesAreThoseOfSingleSteps() {
        Tensor steps = RANDOM.uniform(DType.FLOAT32, 1, 20000, 1, 1).mul(3);
        double sum = 0;
        for (float step : steps.toFloatArray()) {
            sum = (sum + step) % (2 * Math.PI);
        }
        assertEquals(sum, Turn.of(null, steps, true).last().item(), 1e-6);
        Tensor half = Turn.of(null, steps.slice(1, 0, 9999), true).last();
        assertEquals(
                sum, Turn.of(half, steps.slice(1, 9999, 20000), true).last().item(), 2e-6);
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        Mamba3 layer = new Mamba3(new Form(48, 16, 2, 8, 1, 32, Choices.multiple()), RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 2, 60, 48).requiringGradient();
        List<float[]> one = Workers.with(1, () -> resultAndGradient(layer, x));
        for (int threads : new int[] {2, 5}) {
            List<float[]> more = Workers.with(threads, () -> resultAndGradient(layer, x));
            assertArrayEquals(one.get(0), more.get(0));
            assertArrayEquals(one.get(1), more.get(1));
        }
    }

    private static List<float[]> resultAndGradient(Mamba3 layer, Tensor x) {
        Tensor y = layer.apply(x);
        Tensor dx =
                Autograd.gradient(List.of(y.square().sum()), List.of(x), false).getFirst();
        return List.of(y.toFloatArray(), dx.toFloatArray());
    }

    @Test
    void namesAndFirstValuesAreThoseOfTheReference() {
        var parameters = new Mamba3(ALL, RANDOM).parameters();
        assertEquals(
                List.of(
                        "dt_bias",
                        "B_bias",
                        "C_bias",
                        "mimo_x",
                        "mimo_z",
                        "mimo_o",
                        "D",
                        "in_proj.weight",
                        "B_norm.weight",
                        "C_norm.weight",
                        "norm.weight",
                        "out_proj.weight"),
                List.copyOf(parameters.keySet()));
        // z and x 8, B and C 2 vectors of 4, dt, A and trap 2, angles 2
        assertEquals("[40, 4]", parameters.get("in_proj.weight").own().shape().toString());
        assertEquals("[2, 2, 4]", parameters.get("B_bias").own().shape().toString());
        assertEquals("[2, 2, 4]", parameters.get("mimo_x").own().shape().toString());
        assertEquals(0.5, parameters.get("mimo_x").own().max().item());
        assertEquals(1, parameters.get("mimo_z").own().max().item());
        assertEquals(0.5, parameters.get("mimo_o").own().max().item());
        assertEquals(1, parameters.get("C_bias").own().min().item());
        for (float bias : parameters.get("dt_bias").own().toFloatArray()) {
            double step = Math.log1p(Math.exp(bias));
            assertTrue(step >= 0.99e-3 && step <= 1.01e-1, "step " + step);
        }
        assertFalse(parameters.get("dt_bias").decays() || parameters.get("D").decays());
    }

    @Test
    void bfloat16ModelsKeepPreciseAngles() {
        Mamba3 layer = new Mamba3(SMALL, RANDOM);
        layer.convert(DType.BFLOAT16);
        Tensor x = RANDOM.normal(DType.FLOAT32, 1, 6, 4).to(DType.BFLOAT16);
        Step<Mamba3.State> step = layer.run(x, layer.start(1));
        assertEquals(DType.FLOAT32, step.state().angles().dtype());
        assertEquals(DType.BFLOAT16, step.y().dtype());
        assertEquals(DType.BFLOAT16, step.state().keys().dtype());
    }

    private static MambaLM<Mamba3.State> model(long seed) {
        return new MambaLM<>(new MambaLM.Form<>(11, 7, 2, SMALL), new RandomStream(seed));
    }

    @Test
    void languageModelsAreLoadedAndGoOnWhereTheyStopped() {
        MambaLM<Mamba3.State> model = model(1);
        MambaLM<Mamba3.State> other = model(2);
        Tensor tokens = Tensor.of(new int[] {1, 9, 3, 0, 2, 2, 10, 4, 4}, 1, 9);
        other.load(new LinkedHashMap<>(model.state()));
        float[] logits = model.logits(tokens).toFloatArray();
        assertArrayEquals(logits, other.logits(tokens).toFloatArray());
        var decoding = model.decode(List.of(new int[] {1, 9, 3, 0, 2, 2, 10}));
        decoding.append(new int[] {4});
        decoding.append(new int[] {4});
        assertArrayEquals(model.logits(tokens).slice(1, 8, 9).toFloatArray(), decoding.scores()[0], 1e-5f);
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new Form(4, 0, 2, 2, 2, 4, Choices.defaults()))
                .getMessage();
        assertTrue(message.contains("states 0"), message);
        message = assertThrows(IllegalArgumentException.class, () -> new Form(4, 4, 2, 3, 1, 4, Choices.defaults()))
                .getMessage();
        assertTrue(message.contains("8 channels") && message.contains("heads of 3"), message);
        message = assertThrows(IllegalArgumentException.class, () -> new Form(4, 2, 2, 2, 1, 4, Choices.defaults()))
                .getMessage();
        assertTrue(message.contains("0.5 of 2"), message);
        assertThrows(IllegalArgumentException.class, () -> new Form(4, 5, 2, 2, 1, 4, Choices.defaults()));
        assertThrows(IllegalArgumentException.class, () -> new Choices(0, 0.5, 0, false));
        assertThrows(IllegalArgumentException.class, () -> new Choices(1, 1.5, 0, false));
        assertThrows(IllegalArgumentException.class, () -> new Choices(1, Double.NaN, 0, false));
        assertThrows(IllegalArgumentException.class, () -> new Choices(1, 1, Double.NaN, false));
        assertThrows(IllegalArgumentException.class, () -> new Mamba3(SMALL, 0, RANDOM));
        message = assertThrows(
                        IllegalArgumentException.class, () -> new Mamba3(SMALL, RANDOM).apply(Tensor.zeros(2, 3, 6)))
                .getMessage();
        assertTrue(message.contains("[b, t, 4]") && message.contains("[2, 3, 6]"), message);
    }
}
