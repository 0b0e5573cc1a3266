package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.wrapper.PathNorm;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// What each wrapper does, by hand.
final class WrapperCasesTest {

    private static Optimizer over(String text, Parameter... parameters) {
        return OptimizerSpec.parse(text, Map.of()).over(List.of(Fixture.group(parameters)));
    }

    @Test
    void samTakesTheGradientUphill() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 3, 4);
        // ½·Σ w·p², with gradient w·p.
        Tensor w = Tensor.of(new double[] {1, 2}, 2);
        Supplier<Tensor> loss = () -> p.value().square().mul(w).sum().mul(0.5);
        Fixture.step(over("sam:rho=0.1+sgd:rate=0.5,momentum=0", p), loss);
        double norm = Math.hypot(3, 8);
        double[] uphill = {3 + 0.1 * 3 / norm, 4 + 0.1 * 8 / norm};
        assertArrayEquals(
                new double[] {3 - 0.5 * uphill[0], 4 - 0.5 * 2 * uphill[1]},
                p.own().toDoubleArray(),
                1e-12);
    }

    @Test
    void lookSamLeansTheWayItFoundUphill() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 3, 4);
        Tensor w = Tensor.of(new double[] {1, 2}, 2);
        Supplier<Tensor> loss = () -> p.value().square().mul(w).sum().mul(0.5);
        Optimizer optimizer = over("looksam:rho=0.5,alpha=0.7,every=2+sgd:rate=0.1,momentum=0", p);
        Fixture.step(optimizer, loss);
        double norm = Math.hypot(3, 8);
        double[] there = {3 + 0.5 * 3 / norm, 2 * (4 + 0.5 * 8 / norm)};
        double along = (there[0] * 3 + there[1] * 8) / (norm * norm);
        double[] v = {there[0] - along * 3, there[1] - along * 8};
        double[] x = {3 - 0.1 * there[0], 4 - 0.1 * there[1]};
        assertArrayEquals(x, p.own().toDoubleArray(), 1e-12);
        assertArrayEquals(v, optimizer.state().get("orthogonal/p0").toDoubleArray(), 1e-12);
        optimizer.clearGradients();
        Fixture.step(optimizer, loss);
        double factor = 0.7 * Math.hypot(x[0], 2 * x[1]) / Math.hypot(v[0], v[1]);
        assertArrayEquals(
                new double[] {x[0] - 0.1 * (x[0] + factor * v[0]), x[1] - 0.1 * (2 * x[1] + factor * v[1])},
                p.own().toDoubleArray(),
                1e-12);
    }

    @Test
    void adaptiveSamGoesByTheWeights() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 3, 4);
        Fixture.step(
                over("sam:rho=0.1,adaptive=true+sgd:rate=0.5,momentum=0", p),
                () -> p.value().square().sum().mul(0.5));
        double norm = Math.hypot(9, 16);
        assertArrayEquals(
                new double[] {3 - 0.5 * (3 + 0.1 * 27 / norm), 4 - 0.5 * (4 + 0.1 * 64 / norm)},
                p.own().toDoubleArray(),
                1e-12);
    }

    @Test
    void theSurrogateGapSubtractsWhatIsOrthogonal() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 3, 4);
        Tensor w = Tensor.of(new double[] {1, 2}, 2);
        Fixture.step(
                over("sam:rho=1,alpha=0.3+sgd:rate=0.5,momentum=0", p),
                () -> p.value().square().mul(w).sum().mul(0.5));
        double norm = Math.hypot(3, 8);
        double[] g = {3 + 3 / norm, 2 * (4 + 8 / norm)};
        double along = (3 * g[0] + 8 * g[1]) / (g[0] * g[0] + g[1] * g[1]);
        assertArrayEquals(
                new double[] {3 - 0.5 * (g[0] - 0.3 * (3 - along * g[0])), 4 - 0.5 * (g[1] - 0.3 * (8 - along * g[1]))},
                p.own().toDoubleArray(),
                1e-12);
    }

    @Test
    void lookaheadMeetsHalfWay() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 0);
        Optimizer optimizer = over("lookahead:every=3,alpha=0.5+sgd:rate=1,momentum=0", p);
        double[] expected = {-1, -2, -1.5, -2.5, -3.5, -3};
        for (double value : expected) {
            Fixture.gradient(p, 1);
            optimizer.step();
            assertEquals(value, p.own().item(), 1e-12);
        }
    }

    @Test
    void averagesAreUsedAndLeaveTrainingAlone() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 0);
        Optimizer swa = over("swa:start=2,every=2+sgd:rate=1,momentum=0", p);
        double[] means = {-1, -2, -2, -4, -4, -5};
        for (int step = 0; step < means.length; step++) {
            Fixture.gradient(p, 1);
            swa.step();
            double mean = means[step];
            swa.evaluating(() -> {
                assertEquals(mean, p.own().item(), 1e-12);
                return null;
            });
            assertEquals(-1 - step, p.own().item(), 1e-12);
        }
        Parameter q = Fixture.parameter(DType.FLOAT64, 0);
        Optimizer ema = over("ema:decay=0.75+sgd:rate=1,momentum=0", q);
        double average = 0;
        for (int step = 1; step <= 5; step++) {
            Fixture.gradient(q, 1);
            ema.step();
            average = 0.75 * average - 0.25 * step;
            double expected = average;
            ema.evaluating(() -> {
                assertEquals(expected, q.own().item(), 1e-12);
                return null;
            });
        }
    }

    @Test
    void aDecayOfOneKeepsTheAverageAndOneOfNoneFollows() {
        for (int decay = 0; decay <= 1; decay++) {
            Parameter p = Fixture.parameter(DType.FLOAT32, 7, -3);
            Optimizer ema = over("ema:decay=" + decay + "+sgd:rate=0.1,momentum=0", p);
            for (int step = 0; step < 3; step++) {
                Fixture.gradient(p, 1, 2);
                ema.step();
            }
            float[] expected = decay == 1 ? new float[] {7, -3} : p.own().toFloatArray();
            assertArrayEquals(expected, ema.<float[]>evaluating(() -> p.own().toFloatArray()));
        }
        Parameter p = Fixture.parameter(DType.FLOAT32, 7);
        Optimizer beyond = over("ema:decay=1.5+sgd:rate=0.1,momentum=0", p);
        Fixture.gradient(p, 1);
        String message =
                assertThrows(IllegalArgumentException.class, beyond::step).getMessage();
        assertTrue(message.contains("1.5"), message);
    }

    @Test
    void theLastCheckpointsAreAveraged() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 0);
        Optimizer optimizer = over("lawa:count=2,every=2+sgd:rate=1,momentum=0", p);
        double[] means = {-1, -2, -2, -3, -3, -5};
        for (int step = 0; step < means.length; step++) {
            Fixture.gradient(p, 1);
            optimizer.step();
            double mean = means[step];
            optimizer.evaluating(() -> {
                assertEquals(mean, p.own().item(), 1e-12);
                return null;
            });
            assertEquals(-1 - step, p.own().item(), 1e-12);
        }
    }

    @Test
    void noiseIsOnTheGradientAndNotOnWhatIsUsed() {
        Parameter plain = new Parameter(new RandomStream(3).normal(DType.FLOAT32, 4, 5));
        Parameter quiet = new Parameter(new RandomStream(3).normal(DType.FLOAT32, 4, 5));
        Optimizer base = over("adam:rate=0.1", plain);
        Optimizer none = over("nvrm:deviation=0+adam:rate=0.1", quiet);
        for (int step = 0; step < 5; step++) {
            Fixture.step(base, Fixture.parabola(List.of(plain), 1));
            Fixture.step(none, Fixture.parabola(List.of(quiet), 1));
        }
        assertArrayEquals(plain.own().toFloatArray(), quiet.own().toFloatArray());
        for (String kind : List.of("gaussian", "laplace", "uniform")) {
            Parameter p = Fixture.parameter(DType.FLOAT64, new double[4000]);
            Optimizer noisy = over("nvrm:deviation=0.5,kind=" + kind + "+sgd:rate=1,momentum=0", p);
            Fixture.gradient(p, new double[4000]);
            noisy.step();
            double[] first = p.own().toDoubleArray();
            noisy.evaluating(() -> {
                assertArrayEquals(new double[4000], p.own().toDoubleArray());
                return null;
            });
            assertArrayEquals(first, p.own().toDoubleArray());
            double mean = p.own().detach().mean().item();
            double deviation = Math.sqrt(p.own().detach().square().mean().item());
            assertEquals(0, mean, 0.03);
            assertEquals(0.5, deviation, 0.03, kind);
        }
    }

    @Test
    void callsAreAddedUp() {
        Parameter parts = Fixture.parameter(DType.FLOAT64, 1, 2);
        Parameter whole = Fixture.parameter(DType.FLOAT64, 1, 2);
        Optimizer accumulated = over("accumulate:calls=2+adam:rate=0.1", parts);
        Optimizer plain = over("adam:rate=0.1", whole);
        for (int step = 0; step < 3; step++) {
            Fixture.gradient(parts, 1, 5);
            accumulated.step(0.5);
            Fixture.gradient(parts, 3, -1);
            accumulated.step(0.5);
            Fixture.gradient(whole, 2, 2);
            plain.step(0.5);
        }
        assertArrayEquals(whole.own().toDoubleArray(), parts.own().toDoubleArray(), 1e-14);
        assertEquals(6, accumulated.steps());
    }

    @Test
    void badStepsAreLeftOut() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 1);
        Optimizer optimizer = over("skipnotfinite:limit=10+adam:rate=0.1", p);
        for (double g : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 11}) {
            Fixture.gradient(p, g);
            optimizer.step();
        }
        assertEquals(1, p.own().item());
        assertEquals(0, optimizer.steps());
        assertEquals(3, optimizer.state().get("skipped").item());
        Fixture.gradient(p, 1);
        optimizer.step();
        assertEquals(0.9, p.own().item(), 1e-6);
    }

    @Test
    void gradientsAreChangedBeforeTheyAreUsed() {
        assertArrayEquals(new double[] {-1, 1, -1, 1}, moved("centralize", 1, 3, 1, 5, 3), 1e-12);
        assertArrayEquals(new double[] {-0.6, 0, -0.8, 0}, moved("clipnorm:limit=1", 1, 3, 0, 4, 0), 1e-12);
        assertArrayEquals(new double[] {-1, 0.5, -1, 0}, moved("clipvalue:limit=1", 1, 3, -0.5, 4, 0), 1e-12);
        // Rows of value length √2: clipped to a tenth of it.
        assertArrayEquals(
                new double[] {-0.1 * Math.sqrt(2), 0, 0, -0.01}, moved("agc:clip=0.1", 1, 5, 0, 0, 0.01), 1e-12);
        // Against ones: the mean goes, and the length of (3, 1, −2, 0) comes back.
        double factor = Math.sqrt(14 / (14 - 1.0));
        assertArrayEquals(
                new double[] {-2.5 * factor, -0.5 * factor, 2.5 * factor, 0.5 * factor},
                moved("orthograd", 1, 3, 1, -2, 0),
                1e-12);
        double[] noisy = moved("addnoise:eta=0.04,gamma=0", 1, new double[4]);
        assertTrue(noisy[0] != noisy[1] && Math.abs(noisy[0]) < 1, "noise " + noisy[0]);
    }

    /// How a 2×2 matrix of `value` moves by one step of plain descent.
    private static double[] moved(String wrapper, double value, double... gradient) {
        double[] g = gradient.length == 4 ? gradient : java.util.Arrays.copyOf(gradient, 4);
        Parameter p = new Parameter(Tensor.of(new double[] {value, value, value, value}, 2, 2));
        Optimizer optimizer = over(wrapper + "+sgd:rate=1,momentum=0", p);
        Fixture.gradient(p, g);
        optimizer.step();
        return p.own().detach().sub(value).toDoubleArray();
    }

    @Test
    void whatGoesAgainstTheGradientIsLeftOut() {
        Parameter p = Fixture.parameter(DType.FLOAT64, 0, 0);
        Optimizer optimizer = over("cautious+sgd:rate=1,momentum=0.9", p);
        Fixture.gradient(p, 1, 1);
        optimizer.step();
        assertArrayEquals(new double[] {-1, -1}, p.own().toDoubleArray(), 1e-12);
        // Momenta 0.8 and 1.9 over gradients −0.1 and 1: half remains and is doubled.
        Fixture.gradient(p, -0.1, 1);
        optimizer.step();
        assertArrayEquals(new double[] {-1, -1 - 2 * 1.9}, p.own().toDoubleArray(), 1e-12);
    }

    @Test
    void frozenParametersKeepNoState() {
        Parameter moving = Fixture.parameter(DType.FLOAT32, 1, 2);
        Parameter frozen = Fixture.parameter(DType.FLOAT32, 1, 2);
        Optimizer optimizer = over("freeze:paths=p1+adam", moving, frozen);
        assertEquals(2 * 2 * 4, optimizer.stateBytes());
        Fixture.gradient(moving, 1, 1);
        Fixture.gradient(frozen, 1, 1);
        optimizer.step();
        assertArrayEquals(new float[] {1, 2}, frozen.own().toFloatArray());
    }

    @Test
    void galoreOfAlmostFullRankIsTheInnerOptimizerTurned() {
        // Rank 3 of 4 rows and gradients without a fourth singular value: nothing is lost.
        RandomStream random = new RandomStream(5);
        Tensor left = random.normal(DType.FLOAT64, 4, 3);
        Tensor start = random.normal(DType.FLOAT64, 4, 6);
        Parameter small = new Parameter(start);
        Parameter whole = new Parameter(start.mul(1));
        Optimizer projected = over("galore:rank=3,every=1000,scale=1+sgd:rate=0.1,momentum=0", small);
        Optimizer plain = over("sgd:rate=0.1,momentum=0", whole);
        for (int step = 0; step < 10; step++) {
            Tensor g = left.matmul(random.normal(DType.FLOAT64, 3, 6));
            small.own().setGradient(g);
            whole.own().setGradient(g);
            projected.step();
            plain.step();
        }
        assertArrayEquals(whole.own().toDoubleArray(), small.own().toDoubleArray(), 1e-9);
    }

    @Test
    void galoreTakesTheMemoryOfItsFormula() {
        for (long[] shape : new long[][] {{64, 96}, {96, 64}}) {
            Parameter matrix = new Parameter(Tensor.zeros(shape));
            assertEquals(
                    4 * (64 * 8 + 2 * 8 * 96),
                    over("galore:rank=8+adam", matrix).stateBytes());
        }
        Parameter large = new Parameter(Tensor.zeros(128, 512));
        long full = over("adamw", large).stateBytes();
        long eight = over("galore:rank=16+adamw:state=block8", large).stateBytes();
        assertEquals(4 * 128 * 16 + 2 * (16 * 512 + 4 * 16 * 512 / 256), eight);
        assertTrue(eight < 0.2 * full, eight + " of " + full);
    }

    @Test
    void theProximalStepIsTheMinimum() {
        RandomStream random = new RandomStream(6);
        Parameter w = new Parameter(random.normal(DType.FLOAT64, 5, 3));
        Parameter v = new Parameter(random.normal(DType.FLOAT64, 2, 5).mul(0.5));
        Tensor w0 = w.own().detach().mul(1);
        Tensor v0 = v.own().detach().mul(1);
        w0.storage().complete();
        v0.storage().complete();
        Optimizer optimizer = over("pathnorm:incoming=p0,outgoing=p1,strength=0.6+sgd:rate=1,momentum=0", w, v);
        Fixture.gradient(w, new double[15]);
        Fixture.gradient(v, new double[10]);
        optimizer.step();
        double best = objective(w0, v0, w.own().detach(), v.own().detach());
        int zeros = 0;
        for (double length : w.own().detach().square().sum(1).toDoubleArray()) {
            zeros += length == 0 ? 1 : 0;
        }
        for (double length : v.own().detach().square().sum(0).toDoubleArray()) {
            zeros += length == 0 ? 1 : 0;
        }
        assertTrue(zeros > 0, "units became zero");
        for (int i = 0; i < 300; i++) {
            double size = Math.pow(10, -1 - i % 3);
            Tensor nearW =
                    w.own().detach().add(random.normal(DType.FLOAT64, 5, 3).mul(size));
            Tensor nearV =
                    v.own().detach().add(random.normal(DType.FLOAT64, 2, 5).mul(size));
            assertTrue(objective(w0, v0, nearW, nearV) >= best - 1e-12);
        }
        String refused = assertThrows(
                        IllegalArgumentException.class, () -> over("pathnorm:incoming=x,outgoing=p1+sgd", w, v))
                .getMessage();
        assertTrue(refused.contains("no parameter 'x'"), refused);
    }

    private static double objective(Tensor w0, Tensor v0, Tensor w, Tensor v) {
        return 0.5 * w.sub(w0).square().sum().item()
                + 0.5 * v.sub(v0).square().sum().item()
                + 0.6 * PathNorm.of(w, v);
    }
}
