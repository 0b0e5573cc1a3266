package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// What every wrapper promises, around every optimizer.
final class WrapperContractTest {

    /// @param spec with what a test of four steps on small parameters needs
    /// @param steps that 400 of the inner optimizer take
    record Row(String name, String spec, int steps) {
        @Override
        public String toString() {
            return spec;
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                new Row("accumulate", "accumulate:calls=2", 800),
                new Row("addnoise", "addnoise:eta=0.01", 400),
                new Row("agc", "agc:clip=0.1", 400),
                new Row("cautious", "cautious", 400),
                new Row("centralize", "centralize", 400),
                new Row("clipnorm", "clipnorm:limit=0.5", 400),
                new Row("clipvalue", "clipvalue:limit=0.5", 400),
                new Row("ema", "ema:decay=0.9", 400),
                new Row("freeze", "freeze:paths=q", 400),
                new Row("galore", "galore:rank=2,every=50,scale=1", 400),
                new Row("inbackward", "inbackward", 400),
                new Row("lawa", "lawa:count=2,every=2", 400),
                new Row("lookahead", "lookahead:every=2", 400),
                new Row("looksam", "looksam:rho=0.01,every=2", 400),
                new Row("nvrm", "nvrm:deviation=0.01", 400),
                new Row("offload", "offload:subgroup=14,stride=2", 400),
                new Row("orthograd", "orthograd", 400),
                new Row("pathnorm", "pathnorm:incoming=p0,outgoing=p1,strength=0.001", 400),
                new Row("sam", "sam:rho=0.01", 400),
                new Row("skipnotfinite", "skipnotfinite", 400),
                new Row("swa", "swa:start=100", 400));
    }

    @Test
    void everyWrapperHasARow() {
        assertEquals(
                new TreeSet<>(OptimizerSpec.wrappers()),
                new TreeSet<>(rows().map(Row::name).toList()));
    }

    private static Parameter[] start(DType dtype) {
        RandomStream random = new RandomStream(29);
        return new Parameter[] {
            new Parameter(random.normal(DType.FLOAT64, 4, 3).to(dtype)),
            new Parameter(random.normal(DType.FLOAT64, 5, 4).to(dtype))
        };
    }

    private static Supplier<Tensor> loss(int step, Parameter... parameters) {
        return Fixture.parabola(List.of(parameters), 0.5 * step, 1 - step);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aParabolaIsStillDescended(Row row) {
        // What moves orthogonally to the weights, or keeps rows' means, cannot come to every place.
        if (row.name.equals("orthograd") || row.name.equals("centralize")) {
            return;
        }
        Parameter[] parameters = start(DType.FLOAT32);
        Optimizer optimizer =
                OptimizerSpec.parse(row.spec + "+adam:rate=0.02", Map.of()).over(List.of(Fixture.group(parameters)));
        Supplier<Tensor> bowl = Fixture.parabola(List.of(parameters), 0.3, 0.6);
        double first = Fixture.step(optimizer, bowl);
        for (int step = 1; step < row.steps; step++) {
            Fixture.step(optimizer, bowl);
        }
        double last = optimizer.evaluating(() -> bowl.get().item());
        assertTrue(last < 0.05 * first, row + ": " + first + " to " + last);
    }

    /// Whether the two go together at all; when not, the refusal says why.
    private static Optimizer over(String text, Parameter... parameters) {
        try {
            return OptimizerSpec.parse(text, Map.of()).over(List.of(Fixture.group(parameters)));
        } catch (IllegalArgumentException refused) {
            String message = refused.getMessage();
            assertTrue(
                    message.contains("chain")
                            || message.contains("looks at the loss")
                            || message.contains("takes none")
                            || message.contains("one parameter alone"),
                    message);
            return null;
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aRunGoesOnWithTheSameBitsAroundEveryOptimizer(Row row) {
        int made = 0;
        for (ContractRow inner : ContractRow.all().toList()) {
            String text = row.spec + "+" + inner.bowl();
            Parameter[] whole = start(DType.FLOAT32);
            Optimizer unbroken = over(text, whole);
            if (unbroken == null) {
                continue;
            }
            made++;
            for (int step = 0; step < 3; step++) {
                Fixture.step(unbroken, loss(step, whole));
            }
            Parameter[] resumed = start(DType.FLOAT32);
            Optimizer restored = over(text, resumed);
            unbroken.evaluating(() -> {
                for (int i = 0; i < whole.length; i++) {
                    resumed[i].set(whole[i].own().detach());
                }
                return null;
            });
            restored.load(unbroken.steps(), Fixture.copy(unbroken.state()));
            restored.training();
            for (int step = 3; step < 6; step++) {
                Fixture.step(unbroken, loss(step, whole));
                Fixture.step(restored, loss(step, resumed));
            }
            for (int i = 0; i < whole.length; i++) {
                assertArrayEquals(
                        whole[i].own().toDoubleArray(), resumed[i].own().toDoubleArray(), text);
                for (double value : whole[i].own().toDoubleArray()) {
                    assertTrue(Double.isFinite(value), text + ": " + value);
                }
            }
            assertEquals(unbroken.steps(), restored.steps(), text);
        }
        assertTrue(made > 20, row + " went around " + made + " optimizers");
    }

    @ParameterizedTest
    @MethodSource("rows")
    void groupsAndMissingGradientsAreRespected(Row row) {
        Parameter[] moving = start(DType.BFLOAT16);
        Parameter resting = Fixture.parameter(DType.FLOAT32, 1, 2, 3);
        Parameter alone = Fixture.parameter(DType.FLOAT32, 4, 5);
        Optimizer optimizer = OptimizerSpec.parse(row.spec + "+adam:rate=0.02", Map.of())
                .over(List.of(
                        Fixture.group(moving),
                        new ParameterGroup(new LinkedHashMap<>(Map.of("q", resting)), 0, 0),
                        new ParameterGroup(new LinkedHashMap<>(Map.of("r", alone)), 1, 1)));
        double[] before = moving[0].own().toDoubleArray();
        for (int step = 0; step < 4; step++) {
            Fixture.step(
                    optimizer,
                    () -> loss(9, moving).get().add(resting.value().square().sum()));
        }
        optimizer.evaluating(() -> {
            assertArrayEquals(new float[] {1, 2, 3}, resting.own().toFloatArray(), row.toString());
            assertArrayEquals(new float[] {4, 5}, alone.own().toFloatArray(), row.toString());
            return null;
        });
        assertTrue(!java.util.Arrays.equals(before, moving[0].own().toDoubleArray()), row.toString());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void parametersThatComeLaterTakePartAndResume(Row row) {
        Parameter[] first = start(DType.FLOAT32);
        Parameter later = Fixture.parameter(DType.FLOAT32, 1, 2, 3);
        Optimizer optimizer = over(row.spec + "+nadam:rate=0.02", first);
        for (int step = 0; step < 2; step++) {
            Fixture.step(optimizer, loss(step, first));
        }
        optimizer.add(new ParameterGroup(new LinkedHashMap<>(Map.of("later", later)), 1, 1));
        Supplier<Tensor> both =
                () -> loss(3, first).get().add(later.value().sub(5).square().sum());
        Fixture.step(optimizer, both);
        Fixture.step(optimizer, both);
        assertTrue(later.own().toDoubleArray()[0] != 1, row.toString());

        Parameter[] again = start(DType.FLOAT32);
        Parameter more = Fixture.parameter(DType.FLOAT32, 1, 2, 3);
        Optimizer restored = over(row.spec + "+nadam:rate=0.02", again);
        restored.add(new ParameterGroup(new LinkedHashMap<>(Map.of("later", more)), 1, 1));
        optimizer.evaluating(() -> {
            again[0].set(first[0].own().detach());
            again[1].set(first[1].own().detach());
            more.set(later.own().detach());
            return null;
        });
        restored.load(optimizer.steps(), Fixture.copy(optimizer.state()));
        restored.training();
        Fixture.step(optimizer, both);
        Fixture.step(
                restored,
                () -> loss(3, again).get().add(more.value().sub(5).square().sum()));
        assertArrayEquals(later.own().toDoubleArray(), more.own().toDoubleArray(), row.toString());
        assertArrayEquals(first[0].own().toDoubleArray(), again[0].own().toDoubleArray(), row.toString());
    }

    @Test
    void specificationsThatCannotBeReadSaySo() {
        refused("optimizer 'lionn': expected one of", "lionn");
        refused("optimizer wrapper 'lok': expected one of", "lok+lion");
        refused("unknown option 'beta3'; it takes rate, beta1, beta2, weight-decay", "lion:beta3=1");
        refused("beta1 must be a number, got 'x'", "lion:beta1=x");
        refused("NAME=VALUE", "lion:beta1");
        refused("every must be a whole number, got '1.5'", "lookahead:every=1.5+sgd");
        refused("nesterov must be true or false, got 'yes'", "sgd:nesterov=yes");
        refused("state must be full, bfloat16 or block8, got 'int4'", "adam:state=int4");
        refused("every ≥ 1", "lookahead:every=0+sgd");
        refused("keep lookahead/p0", "lookahead+lookahead+sgd");
    }

    private static void refused(String part, String text) {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> OptimizerSpec.parse(text, Map.of())
                                .over(List.of(Fixture.group(Fixture.parameter(DType.FLOAT32, 1)))))
                .getMessage();
        assertTrue(message.contains(part), message);
    }
}
