package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.recipe.RAdam;
import org.lehr.engine.optim.recipe.Tag;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// What the papers of single optimizers say about special cases.
final class FirstOrderCasesTest {

    private static Optimizer over(String text, Parameter... parameters) {
        return OptimizerSpec.parse(text, Map.of()).over(List.of(Fixture.group(parameters)));
    }

    /// The values after each of some steps with the same random gradients times `size`.
    private static double[] trace(String text, double size, long... shape) {
        RandomStream random = new RandomStream(11);
        Parameter parameter = new Parameter(random.normal(DType.FLOAT64, shape));
        Optimizer optimizer = over(text, parameter);
        double[] all = {};
        for (int step = 0; step < 20; step++) {
            parameter.own().setGradient(random.normal(DType.FLOAT64, shape).mul(size));
            optimizer.step();
            double[] now = parameter.own().toDoubleArray();
            all = Arrays.copyOf(all, all.length + now.length);
            System.arraycopy(now, 0, all, all.length - now.length, now.length);
        }
        return all;
    }

    @Test
    void adaModWithoutMemoryIsAdam() {
        assertArrayEquals(trace("adam:rate=0.1", 1, 9), trace("adamod:rate=0.1,beta3=0", 1, 9), 1e-12);
    }

    @Test
    void adaBoundComesToFollowSgd() {
        double[] bound = trace("adabound:rate=0.1,final-rate=0.1,gamma=1e6", 1, 9);
        RandomStream random = new RandomStream(11);
        double[] p = random.normal(DType.FLOAT64, 9).toDoubleArray();
        double[] m = new double[9];
        for (int step = 0; step < 20; step++) {
            double[] g = random.normal(DType.FLOAT64, 9).toDoubleArray();
            for (int i = 0; i < 9; i++) {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                p[i] -= 0.1 * m[i];
                assertEquals(p[i], bound[step * 9 + i], 1e-3 * (1 + Math.abs(p[i])));
            }
        }
    }

    @Test
    void amsBoundConvergesWhereAdamGoesTheWrongWay() {
        // Reddi, Kale, Kumar 2018: gradients C, −1, −1 in turn over [−1, 1] pull to −1 in sum, β₁ = 0, β₂ = 1/(1 + C²).
        assertTrue(reddi("adam:rate=0.1,beta1=0,beta2=0.1,epsilon=0") > 0.5);
        assertTrue(reddi("adabound:rate=0.1,final-rate=0.01,gamma=0.01,beta1=0,beta2=0.1,amsbound=true") < -0.9);
    }

    private static double reddi(String text) {
        Parameter x = Fixture.parameter(DType.FLOAT64, 0);
        Optimizer optimizer = over(text, x);
        for (int step = 0; step < 3000; step++) {
            Fixture.gradient(x, step % 3 == 0 ? 3 : -1);
            optimizer.step();
            x.set(org.lehr.engine.tensor.op.Clamp.clamp(x.own().detach(), -1, 1));
        }
        return x.own().item();
    }

    @Test
    void theRectificationOfRAdamBeginsAtTheFifthStep() {
        assertTrue(RAdam.length(0.999, 4) <= 4 && RAdam.length(0.999, 5) > 4);
        assertTrue(RAdam.rectification(0.999, 5) < 0.05);
        assertTrue(RAdam.rectification(0.999, 100) > RAdam.rectification(0.999, 50));
        assertEquals(1, RAdam.rectification(0.999, 100_000), 1e-3);
    }

    @Test
    void decoupledDecayIsExactAndThePenaltyOfAdamIsNot() {
        for (double lambda : new double[] {0.1, 0.5}) {
            Parameter decoupled = Fixture.parameter(DType.FLOAT64, 2);
            Parameter coupled = Fixture.parameter(DType.FLOAT64, 2);
            Optimizer w = over("adamw:rate=0.01,weight-decay=" + lambda, decoupled);
            Optimizer l2 = over("adam:rate=0.01,weight-decay=" + lambda, coupled);
            for (int step = 0; step < 5; step++) {
                Fixture.gradient(decoupled, 0);
                Fixture.gradient(coupled, 0);
                w.step();
                l2.step();
            }
            assertEquals(2 * Math.pow(1 - 0.01 * lambda, 5), decoupled.own().item(), 1e-14);
            assertEquals(2 - 5 * 0.01, coupled.own().item(), 1e-3);
        }
    }

    @Test
    void decayThatIsNormalizedFollowsTheLengthOfTheRun() {
        assertEquals(0.05 * Math.sqrt(128.0 / (50_000 * 100)), NormalizedDecay.of(0.05, 128, 50_000, 100), 1e-15);
        assertEquals(2, NormalizedDecay.of(0.05, 128, 50_000, 25) / NormalizedDecay.of(0.05, 128, 50_000, 100), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> NormalizedDecay.of(0.05, 0, 1, 1));
    }

    @Test
    void theFirstStepOfFAdamIsASignAndTheSizeOfTheLossDoesNotMatter() {
        Parameter parameter = Fixture.parameter(DType.FLOAT64, 1, 2, 3);
        Fixture.gradient(parameter, 5, -0.1, 40);
        over("fadam:rate=0.1,beta1=0.9", parameter).step();
        assertArrayEquals(new double[] {0.99, 2.01, 2.99}, parameter.own().toDoubleArray(), 1e-6);
        assertArrayEquals(trace("fadam:rate=0.1", 1, 9), trace("fadam:rate=0.1", 100, 9), 1e-4);
    }

    @Test
    void adafactorIsExactForSquaresOfRankOneAndBoundsASpike() {
        double[] rows = {1, 2, 0.5};
        double[] columns = {3, 1, 0.2, 5};
        double[] g = new double[12];
        for (int i = 0; i < 12; i++) {
            g[i] = (i % 3 == 0 ? -1 : 1) * rows[i / 4] * columns[i % 4];
        }
        Parameter matrix = new Parameter(Tensor.of(new double[12], 3, 4));
        Parameter flat = new Parameter(Tensor.of(new double[12], 12));
        Optimizer optimizer = over("adafactor:rate=0.1,relative=false", matrix, flat);
        for (int step = 0; step < 5; step++) {
            Fixture.gradient(matrix, g);
            Fixture.gradient(flat, g);
            optimizer.step();
        }
        assertArrayEquals(flat.own().toDoubleArray(), matrix.own().toDoubleArray(), 1e-9);
        double[] before = matrix.own().toDoubleArray();
        Fixture.gradient(matrix, Arrays.stream(g).map(x -> 100 * x).toArray());
        Fixture.gradient(flat, g);
        optimizer.step();
        double square = 0;
        for (int i = 0; i < 12; i++) {
            square += Math.pow(matrix.own().toDoubleArray()[i] - before[i], 2);
        }
        assertTrue(Math.sqrt(square / 12) <= 0.1 * (1 + 1e-9), "moved by " + Math.sqrt(square / 12));
    }

    @Test
    void tagIsRmsPropOnItsFirstTask() {
        Parameter one = new Parameter(new RandomStream(3).normal(DType.FLOAT32, 4, 5));
        Parameter other = new Parameter(new RandomStream(3).normal(DType.FLOAT32, 4, 5));
        Optimizer tag = over("tag:rate=0.01,tasks=2", one);
        Optimizer rms = over("rmsprop:rate=0.01", other);
        RandomStream random = new RandomStream(4);
        for (int step = 0; step < 10; step++) {
            Tensor g = random.normal(DType.FLOAT32, 4, 5);
            one.own().setGradient(g);
            other.own().setGradient(g);
            tag.step();
            rms.step();
        }
        assertArrayEquals(other.own().toFloatArray(), one.own().toFloatArray());
    }

    @Test
    void tagTakesLongStepsWhereTasksAgreeAndShortOnesWhereTheyConflict() {
        assertEquals(Math.exp(-5), Tag.weight(5, 1), 1e-15);
        assertEquals(1, Tag.weight(5, 0));
        assertEquals(Math.exp(5), Tag.weight(5, -1), 1e-12);
        // The present task's own square is 0.01 after one gradient of 1 and counts e⁻⁵; the earlier one's is near 0.395
        // along both axes.
        double earlier = 1 - Math.pow(0.99, 50);
        for (double cosine : new double[] {1, 0, -1}) {
            double[] second = cosine == 0 ? new double[] {1, -1} : new double[] {cosine, cosine};
            double expected = 1 / Math.sqrt(Math.exp(-5) * 0.01 + Tag.weight(5, cosine) * earlier);
            assertEquals(expected, moved(second), 1e-4 * expected, "cosine " + cosine);
        }
    }

    /// How far along the first axis the first step of a second task goes, after 50 steps of a first one along both.
    private static double moved(double... gradient) {
        Parameter parameter = Fixture.parameter(DType.FLOAT64, 0, 0);
        Schedule task = step -> step < 50 ? 0 : 1;
        Optimizer optimizer =
                OptimizerSpec.parse("tag:rate=1,tasks=2", Map.of("task", task)).over(List.of(Fixture.group(parameter)));
        for (int step = 0; step < 50; step++) {
            Fixture.gradient(parameter, 1, 1);
            optimizer.step();
        }
        double before = parameter.own().toDoubleArray()[0];
        Fixture.gradient(parameter, gradient);
        optimizer.step();
        return Math.abs(parameter.own().toDoubleArray()[0] - before);
    }

    @Test
    void upgdWithoutProtectionAndNoiseIsSgd() {
        Parameter one = new Parameter(new RandomStream(3).normal(DType.FLOAT32, 40, 5));
        Parameter other = new Parameter(new RandomStream(3).normal(DType.FLOAT32, 40, 5));
        Optimizer upgd = over("upgd:rate=0.01,protect=false,sigma=0", one);
        Optimizer sgd = over("sgd:rate=0.01,momentum=0", other);
        RandomStream random = new RandomStream(4);
        for (int step = 0; step < 5; step++) {
            Tensor g = random.normal(DType.FLOAT32, 40, 5);
            one.own().setGradient(g);
            other.own().setGradient(g);
            upgd.step();
            sgd.step();
        }
        assertArrayEquals(other.own().toFloatArray(), one.own().toFloatArray());
    }

    @Test
    void theGateOfUpgdSparesTheMostUsefulWeight() {
        // Utilities −g·p of 2, 0 and −2.
        Parameter parameter = Fixture.parameter(DType.FLOAT64, -2, 0, 2);
        Fixture.gradient(parameter, 1, 1, 1);
        over("upgd:rate=1,sigma=0", parameter).step();
        double[] p = parameter.own().toDoubleArray();
        assertEquals(1 - 1 / (1 + Math.exp(-1)), -2 - p[0], 1e-12);
        assertEquals(0.5, -p[1], 1e-12);
        assertEquals(1 - 1 / (1 + Math.exp(1)), 2 - p[2], 1e-12);
    }

    @Test
    void upgdFindsTheSecondDerivative() {
        Parameter parameter = Fixture.parameter(DType.FLOAT64, 1, -1);
        Optimizer optimizer = over("upgd:rate=0,sigma=0,second=true", parameter);
        Fixture.step(optimizer, () -> parameter.value().square().mul(3).sum());
        // −g·p + ½h·p² = −6p² + 3p², of which the running mean has a thousandth.
        assertArrayEquals(
                new double[] {-3e-3, -3e-3}, optimizer.state().get("utility/p0").toDoubleArray(), 1e-12);
    }

    @Test
    void theMeanOfScheduleFreeIsWhatIsUsed() {
        Parameter parameter = Fixture.parameter(DType.FLOAT64, 4);
        Optimizer optimizer = over("schedulefree:rate=0.5,beta=0.5,adaptive=false", parameter);
        double z = 4;
        double x = 4;
        double y = 4;
        for (int t = 1; t <= 6; t++) {
            Fixture.gradient(parameter, y);
            optimizer.step();
            z -= 0.5 * y;
            x += (z - x) / t;
            y = x + 0.5 * (z - x);
            assertEquals(y, parameter.own().item(), 1e-12);
            double mean = x;
            optimizer.evaluating(() -> {
                assertEquals(mean, parameter.own().item(), 1e-12);
                return null;
            });
            assertEquals(y, parameter.own().item(), 1e-12);
        }
    }

    @Test
    void parameterFreeOptimizersFindTheirRate() {
        for (String text : List.of("prodigy", "dadaptadam", "dadaptsgd")) {
            Parameter parameter = Fixture.parameter(DType.FLOAT32, 3, -2, 5);
            Optimizer optimizer = over(text, parameter);
            var loss = Fixture.parabola(List.of(parameter), 1);
            double first = loss.get().item();
            for (int step = 0; step < 600; step++) {
                Fixture.step(optimizer, loss);
            }
            double d = optimizer.state().get("d").item();
            assertTrue(
                    d > 1e-3 && loss.get().item() < 0.01 * first,
                    text + ": d " + d + ", " + loss.get().item());
        }
    }
}
