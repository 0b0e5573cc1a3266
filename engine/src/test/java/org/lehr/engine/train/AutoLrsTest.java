package org.lehr.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Sgd;
import org.lehr.engine.schedule.control.AutoLrs;
import org.lehr.engine.schedule.control.Dial;
import org.lehr.engine.schedule.control.RangeTest;
import org.lehr.engine.schedule.control.Trial;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Searches of a rate on a small network with dropout and momentum that learns a curve.
class AutoLrsTest {

    /// Points of `tanh(2x)` with noise, a fresh batch each step from a numbered stream.
    private static final class Curve implements Objective<long[]> {
        private final Sequential model;
        private long position;

        Curve(Sequential model) {
            this.model = model;
        }

        @Override
        public long[] next() {
            return new long[] {position++};
        }

        @Override
        public Tensor loss(long[] batch) {
            RandomStream random = new RandomStream(11).split(batch[0]);
            Tensor x = random.normal(DType.FLOAT32, 16, 1);
            Tensor y = x.mul(2).tanh().add(random.normal(DType.FLOAT32, 16, 1).mul(0.1));
            return model.apply(x).sub(y).square().mean();
        }

        @Override
        public long items(long[] batch) {
            return 16;
        }

        @Override
        public SequencedMap<String, Long> place() {
            return new LinkedHashMap<>(Map.of("position", position));
        }

        @Override
        public void restore(Map<String, Long> place) {
            position = place.get("position");
        }
    }

    private final Dial dial = new Dial(0.01);
    private final Trainer<long[]> trainer = trainer(dial);

    private static Trainer<long[]> trainer(Dial dial) {
        RandomStream random = new RandomStream(5);
        Sequential model = new Sequential(
                new Linear(1, 16, true, random.split("hidden")),
                Sequential.of(Tensor::tanh),
                new Dropout(0.1, random.split("dropout")),
                new Linear(16, 1, true, random.split("output")));
        Sgd sgd = new Sgd(List.of(ParameterGroup.all(model)), dial.schedule(), 0.9);
        return new Trainer<>(model, new Curve(model), sgd, new Trainer.Form(1, Double.POSITIVE_INFINITY));
    }

    private static double[] values(Module module) {
        return module.parameters().values().stream()
                .flatMapToDouble(p -> Arrays.stream(p.own().toDoubleArray()))
                .toArray();
    }

    private static double mean(Trainer<long[]> trainer, int steps) {
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            sum += trainer.step().loss() / steps;
        }
        return sum;
    }

    @Test
    void aRollbackLeavesNoTrace() {
        Dial otherDial = new Dial(0.01);
        Trainer<long[]> other = trainer(otherDial);
        mean(trainer, 10);
        mean(other, 10);
        TrainerTrial trial = new TrainerTrial(trainer, dial);
        try (Trial.Saved saved = trial.save()) {
            for (double rate : new double[] {0.5, 1e9, 0.001}) {
                for (int i = 0; i < 5; i++) {
                    trial.step(rate);
                }
                saved.restore();
                assertEquals(0.01, dial.value());
                assertArrayEquals(values(other.module()), values(trainer.module()));
            }
        }
        new RangeTest(1e-4, 1e6, 40, true).run(trial);
        for (int i = 0; i < 10; i++) {
            StepReport here = trainer.step();
            StepReport there = other.step();
            assertEquals(there.loss(), here.loss());
            assertEquals(there.step(), here.step());
        }
        assertArrayEquals(values(other.module()), values(trainer.module()));
    }

    @Test
    void theSearchLeavesNoTraceButTheRate() {
        AutoLrs search = new AutoLrs(new AutoLrs.Form(1e-4, 10, 40, 80, 5, 0.25, 1));
        search.stage(new TrainerTrial(trainer, dial), step -> {});
        Dial otherDial = new Dial(search.value());
        Trainer<long[]> other = trainer(otherDial);
        mean(other, 40);
        assertEquals(40, trainer.steps());
        assertArrayEquals(values(other.module()), values(trainer.module()));
        assertEquals(80, search.stageSteps());
    }

    @Test
    void isNoWorseThanTheBestOfFiveFixedRates() {
        double[] fixed = {1e-4, 1e-3, 1e-2, 1e-1, 1};
        double best = Double.POSITIVE_INFINITY;
        for (double rate : fixed) {
            Trainer<long[]> one = trainer(new Dial(rate));
            double last;
            try {
                mean(one, 600);
                last = mean(one, 100);
            } catch (DivergenceException diverged) {
                last = Double.POSITIVE_INFINITY;
            }
            best = Math.min(best, last);
        }
        AutoLrs search = new AutoLrs(new AutoLrs.Form(1e-4, 1, 100, 200, 8, 0.2, 1));
        TrainerTrial trial = new TrainerTrial(trainer, dial);
        while (trainer.steps() < 600) {
            search.stage(trial, step -> {});
        }
        double last = mean(trainer, 100);
        assertTrue(last <= 1.1 * best, last + " against " + best + ", rates " + search.rates());
    }

    @Test
    void goesOnFromASavedStage() {
        AutoLrs.Form form = new AutoLrs.Form(1e-3, 1, 20, 40, 4, 0.25, 1);
        AutoLrs whole = new AutoLrs(form);
        TrainerTrial trial = new TrainerTrial(trainer, dial);
        Dial otherDial = new Dial(0.01);
        Trainer<long[]> other = trainer(otherDial);
        TrainerTrial otherTrial = new TrainerTrial(other, otherDial);
        AutoLrs first = new AutoLrs(form);
        for (int i = 0; i < 3; i++) {
            whole.stage(trial, step -> {});
        }
        first.stage(otherTrial, step -> {});
        AutoLrs second = new AutoLrs(form);
        second.restore(first.state());
        second.stage(otherTrial, step -> {});
        second.stage(otherTrial, step -> {});
        assertEquals(whole.rates(), second.rates());
        assertArrayEquals(values(trainer.module()), values(other.module()));
        assertThrows(IllegalArgumentException.class, () -> second.restore(Map.of("rate.1", 0.5)));
        assertEquals(3, second.rates().size());
    }

    @Test
    void saysWhenEveryRateDiverges() {
        Trial hopeless = new Trial() {
            @Override
            public Saved save() {
                return new Saved() {
                    @Override
                    public void restore() {}

                    @Override
                    public void close() {}
                };
            }

            @Override
            public double step(double rate) {
                return Double.NaN;
            }
        };
        AutoLrs search = new AutoLrs(AutoLrs.Form.of(0.1, 1, 40));
        assertThrows(IllegalStateException.class, () -> search.stage(hopeless, step -> {}));
        assertFalse(search.state().containsKey("rate.0"));
        assertThrows(IllegalArgumentException.class, () -> AutoLrs.Form.of(0.1, 1, 20));
        assertThrows(IllegalArgumentException.class, () -> AutoLrs.Form.of(0, 1, 100));
    }
}
