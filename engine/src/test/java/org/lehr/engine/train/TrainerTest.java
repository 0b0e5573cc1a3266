package org.lehr.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.OptimizerSpec;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Sgd;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

final class TrainerTest {

    private static final double ENDLESS = Double.POSITIVE_INFINITY;

    private final Linear layer = new Linear(3, 2, true, new RandomStream(3));

    private static Sgd sgd(Linear layer, double rate) {
        return new Sgd(List.of(ParameterGroup.all(layer)), new Constant(rate), 0);
    }

    private static Trainer<Tensor> trainer(Linear layer, double rate, int batch, int accumulate, double clip) {
        return new Trainer<>(
                layer, new Rows(layer::apply, batch), sgd(layer, rate), new Trainer.Form(accumulate, clip));
    }

    private static double[] values(Linear layer) {
        return layer.parameters().values().stream()
                .flatMapToDouble(p -> java.util.Arrays.stream(p.own().toDoubleArray()))
                .toArray();
    }

    @Test
    void accumulatedBatchesAreOneLargeBatch() {
        Linear other = new Linear(3, 2, true, new RandomStream(3));
        Trainer<Tensor> whole = trainer(layer, 0.1, 8, 1, 0.5);
        Trainer<Tensor> parts = trainer(other, 0.1, 2, 4, 0.5);
        for (int step = 1; step <= 5; step++) {
            StepReport one = whole.step();
            StepReport four = parts.step();
            // Sums of eight rows in another order: some roundings of float32 a step.
            assertEquals(one.loss(), four.loss(), 1e-5);
            assertEquals(one.gradientNorm(), four.gradientNorm(), 1e-5);
            assertArrayEquals(values(layer), values(other), 1e-5);
            assertEquals(8, one.items());
            assertEquals(8, four.items());
            assertEquals(step, four.step());
            assertEquals(0.1, four.rate());
        }
    }

    @Test
    void clippingBoundsTheStep() {
        for (double clip : new double[] {0.25, ENDLESS}) {
            Linear moved = new Linear(3, 2, true, new RandomStream(3));
            double[] before = values(moved);
            StepReport report = trainer(moved, 1, 8, 1, clip).step();
            double[] after = values(moved);
            double length = 0;
            for (int i = 0; i < before.length; i++) {
                length += Math.pow(after[i] - before[i], 2);
            }
            assertTrue(report.gradientNorm() > 0.25, report.toString());
            assertEquals(Math.min(clip, report.gradientNorm()), Math.sqrt(length), 1e-5);
        }
    }

    @Test
    void theLossFalls() {
        Trainer<Tensor> trainer = trainer(layer, 0.1, 8, 1, 1);
        double first = trainer.step().loss();
        for (int i = 0; i < 60; i++) {
            trainer.step();
        }
        assertTrue(trainer.step().loss() < 0.05 * first);
    }

    @Test
    void gradientsOfUntrainedParametersDoNotPileUp() {
        ParameterGroup bias = ParameterGroup.where(layer, (path, p) -> path.equals("bias"));
        Sgd still = new Sgd(List.of(bias), new Constant(0), 0);
        Trainer<Tensor> trainer = new Trainer<>(layer, new Rows(layer::apply, 24), still, new Trainer.Form(1, ENDLESS));
        trainer.step();
        float[] once = layer.weight().gradient().toFloatArray();
        trainer.step();
        assertArrayEquals(once, layer.weight().gradient().toFloatArray());
    }

    @Test
    void aLossThatIsNotFiniteNamesTheOperation() {
        refused(
                List.of("step 1", "the loss is Infinity", "exp"),
                x -> layer.apply(x).add(1000).exp());
    }

    @Test
    void aGradientThatIsNotFiniteNamesTheOperation() {
        refused(
                List.of("step 1", "gradient's norm is NaN", "sqrt"),
                x -> layer.apply(x).mul(0).sqrt());
    }

    @Test
    void gradientsThatOverflowInSumAreTold() {
        Linear large = new Linear(3, 1, Initializer.constant(0), Initializer.constant(0), new RandomStream(3));
        Parameter bias = large.parameters().get("bias");
        Rows rows = new Rows(x -> large.apply(x), 2);
        Objective<Tensor> steep = new Objective<>() {
            @Override
            public Tensor next() {
                return rows.next();
            }

            @Override
            public Tensor loss(Tensor batch) {
                return bias.value().mul(2e38).sum();
            }

            @Override
            public long items(Tensor batch) {
                return 1;
            }

            @Override
            public java.util.SequencedMap<String, Long> place() {
                return rows.place();
            }

            @Override
            public void restore(java.util.Map<String, Long> place) {
                rows.restore(place);
            }
        };
        Trainer<Tensor> trainer = new Trainer<>(large, steep, sgd(large, 1), new Trainer.Form(2, 1));
        String message = assertThrows(DivergenceException.class, trainer::step).getMessage();
        assertTrue(message.contains("norm is Infinity") && message.contains("no single operation"), message);
        assertArrayEquals(new double[] {0, 0, 0, 0}, values(large));
    }

    private void refused(List<String> parts, UnaryOperator<Tensor> model) {
        double[] before = values(layer);
        Trainer<Tensor> trainer = new Trainer<>(layer, new Rows(model, 2), sgd(layer, 0.1), new Trainer.Form(2, 1));
        String message = assertThrows(DivergenceException.class, trainer::step).getMessage();
        parts.forEach(part -> assertTrue(message.contains(part), message));
        assertEquals(0, trainer.steps());
        assertArrayEquals(before, values(layer));
    }

    @Test
    void updatesDuringTheBackwardPassAreThoseAfterIt() {
        Linear other = new Linear(3, 2, true, new RandomStream(3));
        Trainer<Tensor> after = trainer(layer, 0.1, 8, 1, ENDLESS);
        Trainer<Tensor> during = arriving(other, other::apply, new Trainer.Form(1, ENDLESS));
        for (int step = 1; step <= 5; step++) {
            StepReport expected = after.step();
            StepReport report = during.step();
            assertEquals(expected.loss(), report.loss());
            assertEquals(expected.gradientNorm(), report.gradientNorm(), 1e-6);
            assertEquals(step, report.step());
            assertArrayEquals(values(layer), values(other));
        }
        assertTrue(other.parameters().values().stream().allMatch(p -> p.gradient() == null));
    }

    @Test
    void updatesDuringTheBackwardPassCannotBeClippedAndStopAtNaN() {
        for (Trainer.Form form : List.of(Trainer.Form.DEFAULT, new Trainer.Form(2, ENDLESS))) {
            String refusal = assertThrows(IllegalArgumentException.class, () -> arriving(layer, layer::apply, form))
                    .getMessage();
            assertTrue(refusal.contains("one batch a step and a clip of Infinity"), refusal);
        }
        double[] before = values(layer);
        // The root of 0 has no finite gradient.
        UnaryOperator<Tensor> model = x -> layer.apply(x).mul(0).sqrt();
        Trainer<Tensor> broken = arriving(layer, model, new Trainer.Form(1, ENDLESS));
        assertThrows(DivergenceException.class, broken::step);
        assertArrayEquals(before, values(layer));
    }

    private static Trainer<Tensor> arriving(Linear layer, UnaryOperator<Tensor> model, Trainer.Form form) {
        Optimizer optimizer = OptimizerSpec.parse("inbackward+sgd:rate=0.1,momentum=0", Map.of())
                .over(List.of(ParameterGroup.all(layer)));
        return new Trainer<>(layer, new Rows(model, 8), optimizer, form);
    }

    @Test
    void theFormIsChecked() {
        String none = assertThrows(IllegalArgumentException.class, () -> new Trainer.Form(0, 1))
                .getMessage();
        assertTrue(none.contains("0 and 1.0"), none);
        assertThrows(IllegalArgumentException.class, () -> new Trainer.Form(1, Double.NaN));
    }
}
