package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.parallel.Workers;

/// What every optimizer that has a name promises. An optimizer takes part with one row.
final class RecipeContractTest {

    static Stream<ContractRow> rows() {
        return ContractRow.all();
    }

    @Test
    void everyOptimizerHasARow() {
        assertEquals(
                new TreeSet<>(OptimizerSpec.names()),
                new TreeSet<>(rows().map(ContractRow::name).toList()));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aParabolaIsDescended(ContractRow row) {
        Parameter matrix = new Parameter(new RandomStream(3).normal(DType.FLOAT32, 3, 5));
        Parameter vector = Fixture.parameter(DType.FLOAT32, 1, -1, 0.5);
        descends(row, List.of(matrix, vector), row.bowl(), row.steps(), 0.02);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void fewerBitsOfStateDescendToo(ContractRow row) {
        if (!row.chain()) {
            return;
        }
        Parameter matrix = new Parameter(new RandomStream(3).normal(DType.FLOAT32, 3, 5));
        Parameter wide = new Parameter(new RandomStream(4).normal(DType.FLOAT32, 4100));
        descends(row, List.of(matrix), row.bowl() + row.and("state=bfloat16"), 100, 0.6);
        if (row.large()) {
            descends(row, List.of(wide), row.bowl() + row.and("state=block8"), 100, 0.8);
        }
    }

    private static void descends(ContractRow row, List<Parameter> parameters, String text, int steps, double share) {
        Optimizer optimizer =
                OptimizerSpec.parse(text, Map.of()).over(List.of(Fixture.group(parameters.toArray(Parameter[]::new))));
        var loss = Fixture.parabola(parameters, 0.25, -0.5);
        double first = Fixture.step(optimizer, loss);
        for (int step = 1; step < steps; step++) {
            Fixture.step(optimizer, loss);
        }
        double last = optimizer.evaluating(() -> loss.get().item());
        assertTrue(last < share * first, row + ": " + first + " to " + last);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theValleyOfRosenbrockIsEntered(ContractRow row) {
        Parameter point = Fixture.parameter(DType.FLOAT64, -1.2, 1);
        Optimizer optimizer = OptimizerSpec.parse(row.valley(), Map.of()).over(List.of(Fixture.group(point)));
        var loss = Fixture.valley(point);
        double first = Fixture.step(optimizer, loss);
        for (int step = 1; step < 400; step++) {
            Fixture.step(optimizer, loss);
        }
        double last = optimizer.evaluating(() -> loss.get().item());
        assertTrue(last < 0.25 * first, row + ": " + first + " to " + last);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aSmallNetLearns(ContractRow row) {
        Fixture.Net net = Fixture.Net.of(5);
        Optimizer optimizer = OptimizerSpec.parse(row.net(), Map.of()).over(List.of(ParameterGroup.all(net.model())));
        double first = Fixture.step(optimizer, net.loss());
        for (int step = 1; step < row.netSteps(); step++) {
            Fixture.step(optimizer, net.loss());
        }
        double last = optimizer.evaluating(() -> net.loss().get().item());
        assertTrue(last < 0.6 * first, row + ": " + first + " to " + last);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aRunGoesOnWithTheSameBitsFromAnyStep(ContractRow row) {
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16)) {
            resumes(row, row.bowl(), dtype);
        }
        if (row.chain()) {
            resumes(row, row.bowl() + row.and("state=bfloat16"), DType.FLOAT32);
        }
    }

    private static void resumes(ContractRow row, String text, DType dtype) {
        OptimizerSpec spec = OptimizerSpec.parse(text, Map.of());
        int steps = 4;
        Parameter[] whole = start(dtype);
        Optimizer unbroken = spec.over(List.of(Fixture.group(whole)));
        List<double[]> ends = new ArrayList<>();
        for (int cut = 0; cut < steps; cut++) {
            Parameter[] resumed = start(dtype);
            Optimizer restored = spec.over(List.of(Fixture.group(resumed)));
            unbroken.evaluating(() -> {
                for (int i = 0; i < whole.length; i++) {
                    resumed[i].set(whole[i].own().detach());
                }
                return null;
            });
            Map<String, Tensor> saved = Fixture.copy(unbroken.state());
            restored.load(unbroken.steps(), saved);
            restored.training();
            restored.state()
                    .forEach((path, tensor) -> assertEquals(saved.get(path).dtype(), tensor.dtype(), path));
            for (int step = cut; step < steps; step++) {
                Fixture.step(restored, losses(step, resumed));
            }
            assertEquals(steps, restored.steps());
            for (Parameter parameter : resumed) {
                ends.add(parameter.own().toDoubleArray());
            }
            Fixture.step(unbroken, losses(cut, whole));
        }
        for (int i = 0; i < ends.size(); i++) {
            assertArrayEquals(whole[i % whole.length].own().toDoubleArray(), ends.get(i), row + " in " + dtype);
        }
    }

    private static java.util.function.Supplier<Tensor> losses(int step, Parameter... parameters) {
        return Fixture.parabola(List.of(parameters), 0.5 * step, 1 - step);
    }

    private static Parameter[] start(DType dtype) {
        RandomStream random = new RandomStream(29);
        return new Parameter[] {
            new Parameter(random.normal(DType.FLOAT64, 4, 3).to(dtype)),
            new Parameter(random.normal(DType.FLOAT64, 5).to(dtype))
        };
    }

    @ParameterizedTest
    @MethodSource("rows")
    void missingGradientsLeaveParametersAndStateAlone(ContractRow row) {
        Parameter with = Fixture.parameter(DType.FLOAT32, 1, 2);
        Parameter without = Fixture.parameter(DType.FLOAT32, 3, 4);
        Optimizer optimizer = OptimizerSpec.parse(row.bowl(), Map.of()).over(List.of(Fixture.group(without, with)));
        if (optimizer.demand() == Optimizer.Demand.LOSS) {
            return;
        }
        Map<String, Tensor> before = Fixture.copy(optimizer.state());
        Fixture.step(optimizer, Fixture.parabola(List.of(with), 9));
        assertArrayEquals(new float[] {3, 4}, without.own().toFloatArray());
        optimizer.state().forEach((path, tensor) -> {
            if (path.endsWith("/p0")) {
                assertArrayEquals(
                        before.get(path).toDoubleArray(), tensor.add(0.0).toDoubleArray(), path);
            }
        });
        assertEquals(1, optimizer.steps());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void zeroAndHugeGradientsLeaveNumbers(ContractRow row) {
        for (double size : new double[] {0, 1e15}) {
            Parameter matrix = new Parameter(
                    Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).to(DType.FLOAT32));
            Parameter vector = Fixture.parameter(DType.FLOAT32, 1, 0, -1);
            Optimizer optimizer =
                    OptimizerSpec.parse(row.bowl(), Map.of()).over(List.of(Fixture.group(matrix, vector)));
            for (int step = 0; step < 3; step++) {
                Fixture.step(
                        optimizer,
                        () -> matrix.value().sum().add(vector.value().sum()).mul(size));
            }
            for (Parameter parameter : List.of(matrix, vector)) {
                for (double value : parameter.own().toDoubleArray()) {
                    assertTrue(Double.isFinite(value), row + " with gradients of " + size + ": " + value);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void nanIsNeitherHiddenNorSpread(ContractRow row) {
        Parameter broken = Fixture.parameter(DType.FLOAT32, 1, 2, 3);
        Parameter sound = Fixture.parameter(DType.FLOAT32, 1, 2, 3);
        Optimizer optimizer = OptimizerSpec.parse(row.bowl(), Map.of()).over(List.of(Fixture.group(broken, sound)));
        if (optimizer.demand() != Optimizer.Demand.GRADIENT) {
            return;
        }
        for (int step = 0; step < 2; step++) {
            Fixture.gradient(broken, 1, Double.NaN, -1);
            Fixture.gradient(sound, 1, 1, -1);
            optimizer.step();
        }
        assertTrue(Double.isNaN(broken.own().toDoubleArray()[1]), row.toString());
        if (row.separate()) {
            assertTrue(Double.isFinite(broken.own().toDoubleArray()[0]), row.toString());
        }
        if (!row.global()) {
            assertTrue(Arrays.stream(sound.own().toDoubleArray()).allMatch(Double::isFinite), row.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void groupsHaveFactorsOfTheirOwn(ContractRow row) {
        Parameter moving = Fixture.parameter(DType.FLOAT32, 1, 2, 3);
        Parameter resting = Fixture.parameter(DType.FLOAT32, 1, 2, 3);
        Optimizer optimizer = OptimizerSpec.parse(row.bowl(), Map.of())
                .over(List.of(
                        Fixture.group(moving), new ParameterGroup(new LinkedHashMap<>(Map.of("q", resting)), 0, 0)));
        for (int step = 0; step < 3; step++) {
            Fixture.step(optimizer, Fixture.parabola(List.of(moving, resting), 9, 9));
        }
        assertArrayEquals(new float[] {1, 2, 3}, resting.own().toFloatArray(), row.toString());
        assertFalse(Arrays.equals(new float[] {1, 2, 3}, moving.own().toFloatArray()), row.toString());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyScheduleIsReadByStep(ContractRow row) {
        Recipe recipe = OptimizerSpec.parse(row.bowl(), Map.of()).recipe();
        for (RecordComponent component : recipe.getClass().getRecordComponents()) {
            if (component.getType() != Schedule.class) {
                continue;
            }
            TreeSet<Long> read = new TreeSet<>();
            Schedule usual = usual(recipe, component);
            Schedule watched = step -> {
                read.add(step);
                return usual.at(step) == 0 ? 0.1 : usual.at(step);
            };
            Parameter vector = Fixture.parameter(DType.FLOAT32, 1, 2, 3);
            Parameter matrix = new Parameter(
                    Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).to(DType.FLOAT32));
            Optimizer optimizer = OptimizerSpec.parse(
                            row.without(component.getName()), Map.of(component.getName(), watched))
                    .over(List.of(Fixture.group(vector, matrix)));
            for (int step = 0; step < 3; step++) {
                Fixture.step(optimizer, Fixture.parabola(List.of(vector, matrix), 9, 9));
            }
            assertTrue(read.contains(2L), row + ": " + component.getName() + " is not read by step: " + read);
        }
    }

    private static Schedule usual(Recipe recipe, RecordComponent component) {
        try {
            return (Schedule) component.getAccessor().invoke(recipe);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void stateTakesWhatItsFormulaSays(ContractRow row) {
        Parameter matrix = new Parameter(Tensor.zeros(6, 5));
        Parameter vector = new Parameter(Tensor.zeros(7));
        Optimizer optimizer = OptimizerSpec.parse(row.bowl(), Map.of()).over(List.of(Fixture.group(matrix, vector)));
        for (int step = 0; step < 2; step++) {
            Fixture.step(optimizer, Fixture.parabola(List.of(matrix, vector), 1, 2));
        }
        assertEquals(
                row.bytes().of(6, 5) + row.bytes().of(7) + row.sharedBytes(), optimizer.stateBytes(), row.toString());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void bitsAreTheSameForAnyNumberOfThreads(ContractRow row) {
        if (!row.large()) {
            return;
        }
        List<float[]> ends = new ArrayList<>();
        for (int threads : new int[] {1, 2, 5}) {
            Workers.with(threads, () -> {
                Parameter matrix = new Parameter(new RandomStream(7).normal(DType.FLOAT32, 130, 300));
                Optimizer optimizer = OptimizerSpec.parse(row.bowl(), Map.of()).over(List.of(Fixture.group(matrix)));
                for (int step = 0; step < 3; step++) {
                    Fixture.step(optimizer, Fixture.parabola(List.of(matrix), 0.1 * step));
                }
                ends.add(matrix.own().toFloatArray());
            });
        }
        assertArrayEquals(ends.get(0), ends.get(1), row.toString());
        assertArrayEquals(ends.get(0), ends.get(2), row.toString());
    }
}
