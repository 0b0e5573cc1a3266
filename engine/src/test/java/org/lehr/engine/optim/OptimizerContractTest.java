package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// What every optimizer promises.
final class OptimizerContractTest {

    enum Kind {
        PLAIN(g -> new Sgd(g, new Constant(0.02), 0)),
        MOMENTUM(g -> new Sgd(g, new Constant(0.002), 0.9), "momentum"),
        NESTEROV(
                g -> new Sgd(g, new Sgd.Form(new Constant(0.002), new Constant(0.9), 0, true, new Constant(0))),
                "momentum"),
        ADAM(g -> new Adam(g, new Constant(0.05)), "exp_avg", "exp_avg_sq"),
        ADAM_W(g -> new AdamW(g, new Constant(0.05), 0), "exp_avg", "exp_avg_sq"),
        AMS_GRAD(
                g -> new Adam(
                        g,
                        new AdamFamily.Form(
                                new Constant(0.05),
                                new Constant(0.9),
                                new Constant(0.999),
                                1e-8,
                                new Constant(0),
                                true)),
                "exp_avg",
                "exp_avg_sq",
                "max_exp_avg_sq");

        private final Function<List<ParameterGroup>, Optimizer> make;
        private final List<String> slots;

        Kind(Function<List<ParameterGroup>, Optimizer> make, String... slots) {
            this.make = make;
            this.slots = List.of(slots);
        }

        Optimizer over(Parameter... parameters) {
            return make.apply(List.of(group(parameters)));
        }
    }

    private static ParameterGroup group(Parameter... parameters) {
        SequencedMap<String, Parameter> named = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            named.put("p" + named.size(), parameter);
        }
        return new ParameterGroup(named, 1, 1);
    }

    private static Parameter parameter(DType dtype, double... values) {
        return new Parameter(Tensor.of(values, values.length).to(dtype));
    }

    private static void gradient(Parameter parameter, double... values) {
        parameter.clearGradient();
        parameter
                .own()
                .setGradient(Tensor.of(values, values.length).to(parameter.own().dtype()));
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> tensors) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        tensors.forEach((path, t) -> copies.put(
                path, Tensor.of(t.toDoubleArray(), t.shape().toArray()).to(t.dtype())));
        return copies;
    }

    @ParameterizedTest
    @EnumSource
    void stateIsNamedAndShapedLikeItsParameters(Kind kind) {
        Optimizer optimizer = kind.over(
                new Parameter(Tensor.zeros(3, 5)), new Parameter(Tensor.zeros(7).to(DType.BFLOAT16)));
        List<String> expected = Stream.concat(
                        kind.slots.stream().map(slot -> slot + "/p0"),
                        Stream.concat(kind.slots.stream().map(slot -> slot + "/p1"), Stream.of("master/p1")))
                .toList();
        assertEquals(expected, List.copyOf(optimizer.state().keySet()));
        optimizer.state().forEach((path, tensor) -> {
            assertEquals(path.endsWith("p0") ? "[3, 5]" : "[7]", tensor.shape().toString(), path);
            assertEquals(DType.FLOAT32, tensor.dtype());
        });
    }

    @ParameterizedTest
    @EnumSource
    void missingGradientsLeaveParametersAndStateAlone(Kind kind) {
        Parameter with = parameter(DType.FLOAT32, 1, 2);
        Parameter without = parameter(DType.FLOAT32, 3, 4);
        Optimizer optimizer = kind.over(without, with);
        optimizer.step();
        assertArrayEquals(new float[] {1, 2}, with.own().toFloatArray());
        gradient(with, 1, -1);
        optimizer.step();
        assertArrayEquals(new float[] {3, 4}, without.own().toFloatArray());
        optimizer.state().forEach((path, tensor) -> {
            if (path.endsWith("p0")) {
                assertArrayEquals(new float[] {0, 0}, tensor.toFloatArray(), path);
            }
        });
        assertTrue(with.own().toFloatArray()[0] < 1 && with.own().toFloatArray()[1] > 2);
        assertEquals(2, optimizer.steps());
        optimizer.clearGradients();
        assertEquals(null, with.gradient());
    }

    @ParameterizedTest
    @EnumSource
    void aRunGoesOnWithTheSameBitsFromAnyStep(Kind kind) {
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16)) {
            RandomStream random = new RandomStream(29);
            int steps = 6;
            double[][] gradients = new double[steps][];
            for (int i = 0; i < steps; i++) {
                gradients[i] = random.normal(DType.FLOAT64, 5).toDoubleArray();
            }
            Parameter whole = parameter(dtype, 1, 2, 3, 4, 5);
            Optimizer unbroken = kind.over(whole);
            List<double[]> ends = new ArrayList<>();
            for (int cut = 0; cut < steps; cut++) {
                Parameter resumed =
                        new Parameter(Tensor.of(whole.own().toDoubleArray(), 5).to(dtype));
                Optimizer restored = kind.over(resumed);
                restored.load(unbroken.steps(), copy(unbroken.state()));
                for (int step = cut; step < steps; step++) {
                    gradient(resumed, gradients[step]);
                    restored.step();
                }
                assertEquals(steps, restored.steps());
                ends.add(resumed.own().toDoubleArray());
                gradient(whole, gradients[cut]);
                unbroken.step();
            }
            ends.forEach(end -> assertArrayEquals(whole.own().toDoubleArray(), end));
        }
    }

    @Test
    void loadingIsAllOrNothing() {
        Parameter parameter = parameter(DType.FLOAT32, 1, 2);
        Optimizer optimizer = Kind.ADAM.over(parameter);
        gradient(parameter, 3, 4);
        optimizer.step();
        Map<String, Tensor> before = copy(optimizer.state());
        Map<String, Tensor> other = copy(optimizer.state());
        other.put("exp_avg/p0", Tensor.of(new float[] {9, 9}, 2));
        other.put("momentum/p0", other.remove("exp_avg_sq/p0"));
        String names = assertThrows(IllegalArgumentException.class, () -> optimizer.load(9, other))
                .getMessage();
        assertTrue(names.contains("missing [exp_avg_sq/p0], unexpected [momentum/p0]"), names);
        other.remove("momentum/p0");
        other.put("exp_avg_sq/p0", Tensor.zeros(1));
        String shape = assertThrows(IllegalArgumentException.class, () -> optimizer.load(9, other))
                .getMessage();
        assertTrue(shape.contains("exp_avg_sq/p0") && shape.contains("[2]") && shape.contains("[1]"), shape);
        String steps = assertThrows(IllegalArgumentException.class, () -> optimizer.load(-1, before))
                .getMessage();
        assertTrue(steps.contains("-1"), steps);
        assertEquals(1, optimizer.steps());
        before.forEach((path, tensor) -> assertArrayEquals(
                tensor.toFloatArray(), optimizer.state().get(path).toFloatArray(), path));
    }

    @ParameterizedTest
    @EnumSource
    void aParabolaIsDescended(Kind kind) {
        Parameter parameter = parameter(DType.FLOAT32, 1, -1, 0.5);
        Optimizer optimizer = kind.over(parameter);
        Tensor centre = Tensor.of(new float[] {0.25f, 0.5f, -0.75f}, 3);
        for (int step = 0; step < 400; step++) {
            optimizer.clearGradients();
            parameter.value().sub(centre).square().sum().backward();
            optimizer.step();
        }
        assertArrayEquals(centre.toFloatArray(), parameter.own().toFloatArray(), 1e-2f);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    void theValleyOfRosenbrockIsFollowed(Kind kind) {
        Parameter point = parameter(DType.FLOAT64, -1.2, 1);
        Optimizer optimizer = kind.over(point);
        double first = 0;
        for (int step = 0; step < 1200; step++) {
            double[] p = point.own().toDoubleArray();
            double off = p[1] - p[0] * p[0];
            first = step == 0 ? value(p) : first;
            double steep = kind == Kind.MOMENTUM || kind == Kind.NESTEROV ? 0.2 : 1;
            gradient(point, steep * (-2 * (1 - p[0]) - 400 * p[0] * off), steep * 200 * off);
            optimizer.step();
        }
        double last = value(point.own().toDoubleArray());
        assertTrue(last < 0.01 * first, first + " to " + last);
    }

    private static double value(double... p) {
        return Math.pow(1 - p[0], 2) + 100 * Math.pow(p[1] - p[0] * p[0], 2);
    }

    @Test
    void mastersKeepStepsThatBfloat16WouldLose() {
        Parameter parameter = parameter(DType.BFLOAT16, 1, -1);
        Optimizer optimizer = new Sgd(List.of(group(parameter)), new Constant(0.001), 0);
        for (int step = 1; step <= 10; step++) {
            gradient(parameter, 1, -1);
            optimizer.step();
            Tensor master = optimizer.state().get("master/p0");
            assertArrayEquals(new double[] {1 - 0.001 * step, 0.001 * step - 1}, master.toDoubleArray(), 1e-6);
            assertArrayEquals(
                    master.to(DType.BFLOAT16).toFloatArray(), parameter.own().toFloatArray());
        }
        assertEquals(0.98828125, parameter.own().toDoubleArray()[0]);
    }

    @ParameterizedTest
    @EnumSource
    void aGradientThatIsNotFiniteStaysInItsElement(Kind kind) {
        Parameter parameter = parameter(DType.FLOAT32, 1, 2, 3);
        Parameter clean = parameter(DType.FLOAT32, 1, 2, 3);
        gradient(parameter, 1, Double.NaN, -1);
        gradient(clean, 1, 1, -1);
        kind.over(parameter).step();
        kind.over(clean).step();
        float[] values = parameter.own().toFloatArray();
        float[] expected = clean.own().toFloatArray();
        assertTrue(Float.isNaN(values[1]));
        assertEquals(expected[0], values[0]);
        assertEquals(expected[2], values[2]);
    }

    @ParameterizedTest
    @EnumSource
    void aParameterIsUpdatedOnceAStep(Kind kind) {
        Linear layer = new Linear(2, 3, true, new RandomStream(1));
        Sequential around = new Sequential(layer);
        refused(
                List.of("weight", "two places"),
                () -> kind.make.apply(List.of(
                        ParameterGroup.all(layer), ParameterGroup.where(layer, (path, p) -> path.equals("weight")))));
        refused(
                List.of("weight", "0.weight", "two places"),
                () -> kind.make.apply(List.of(ParameterGroup.all(layer), ParameterGroup.all(around))));
        Linear other = new Linear(2, 3, true, new RandomStream(2));
        refused(
                List.of("two parameters have the path weight", "parent module"),
                () -> kind.make.apply(List.of(ParameterGroup.all(layer), ParameterGroup.all(other))));
        Sequential parent = new Sequential(layer, other);
        kind.make.apply(List.of(
                ParameterGroup.where(parent, (path, p) -> path.startsWith("0.")),
                ParameterGroup.where(parent, (path, p) -> path.startsWith("1."))));
    }

    @Test
    void hyperparametersAreCheckedByValue() {
        Schedule rate = new Constant(0.1);
        Schedule half = new Constant(0.5);
        Schedule zero = new Constant(0);
        Parameter parameter = parameter(DType.FLOAT32, 1);
        gradient(parameter, 1);
        List<ParameterGroup> groups = List.of(group(parameter));
        refused(List.of("Nesterov", "0.0"), () -> new Sgd.Form(rate, zero, 0, true, zero));
        refused(List.of("Nesterov", "0.5"), () -> new Sgd.Form(rate, half, 0.5, true, zero));
        refused(List.of("epsilon", "-1.0"), () -> new AdamFamily.Form(rate, half, half, -1, zero, false));
        refused(List.of("momentum", "1.5"), () -> new Sgd(groups, rate, 1.5).step());
        refused(List.of("rate", "NaN"), () -> new Sgd(groups, s -> Double.NaN, 0).step());
        refused(List.of("rate", "-0.1"), () -> new Adam(groups, s -> -0.1).step());
        refused(
                List.of("weight decay", "-0.5"),
                () -> new AdamW(groups, new AdamFamily.Form(rate, half, half, 0, s -> -0.5, false)).step());
        refused(
                List.of("beta2", "1.0"),
                () -> new Adam(groups, new AdamFamily.Form(rate, half, s -> 1, 0, zero, false)).step());
        refused(List.of("-1.0"), () -> groups.getFirst().withRateFactor(-1));
        assertEquals(1, parameter.own().item());
    }

    private static void refused(List<String> parts, org.junit.jupiter.api.function.Executable work) {
        String message = assertThrows(IllegalArgumentException.class, work).getMessage();
        parts.forEach(part -> assertTrue(message.contains(part), message));
    }
}
