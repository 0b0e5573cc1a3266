package org.lehr.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.lehr.engine.schedule.cycle.Chebyshev;
import org.lehr.engine.schedule.cycle.CosineWave;
import org.lehr.engine.schedule.cycle.Cyclic;
import org.lehr.engine.schedule.cycle.OneCycle;
import org.lehr.engine.schedule.cycle.Restarts;
import org.lehr.engine.schedule.cycle.Rewarmed;
import org.lehr.engine.schedule.cycle.WsdS;

/// Schedules beside the formulas and recursions of the systems and papers whose names they have, written here from
/// their documentation.
class FormulaTest {

    private static final double PEAK = 0.3;

    private static void assertSame(LongToDoubleFunction theirs, Schedule ours, long steps) {
        for (long step = 0; step < steps; step++) {
            assertEquals(theirs.applyAsDouble(step), ours.at(step), 1e-12, "step " + step);
        }
    }

    private static Schedule spec(String text, long steps) {
        return ScheduleSpec.parse(text).build(steps, PEAK, 0);
    }

    /// PyTorch's chainable recursions, each value from the one before.
    @Test
    void recursionsOfPyTorch() {
        double step = PEAK;
        double exponential = PEAK;
        double multi = PEAK;
        double wave = PEAK;
        double floor = 0.01;
        Schedule steps = new Step(PEAK, 0.5, 30);
        Schedule exponentials = spec("torch.ExponentialLR:factor=0.97", 200);
        Schedule multis = Levels.falling(PEAK, 0.1, List.of(40L, 90L));
        Schedule waves = new CosineWave(PEAK, floor, 50);
        for (int t = 0; t < 200; t++) {
            if (t > 0) {
                step *= t % 30 == 0 ? 0.5 : 1;
                exponential *= 0.97;
                multi *= t == 40 || t == 90 ? 0.1 : 1;
                if ((t - 1 - 50) % 100 == 0) {
                    wave += (PEAK - floor) * (1 - Math.cos(Math.PI / 50)) / 2;
                } else {
                    wave = (1 + Math.cos(Math.PI * t / 50)) / (1 + Math.cos(Math.PI * (t - 1) / 50)) * (wave - floor)
                            + floor;
                }
            }
            assertEquals(step, steps.at(t), 1e-12);
            assertEquals(exponential, exponentials.at(t), 1e-12);
            assertEquals(multi, multis.at(t), 1e-12);
            assertEquals(wave, waves.at(t), 1e-9, "step " + t);
        }
    }

    @Test
    void linearConstantAndPolynomialOfPyTorch() {
        assertSame(t -> PEAK * (1.0 / 3 + (1 - 1.0 / 3) * Math.min(t, 5) / 5), spec("torch.LinearLR", 100), 100);
        assertSame(t -> t < 5 ? PEAK / 3 : PEAK, spec("torch.ConstantLR", 100), 100);
        assertSame(
                t -> PEAK * Math.pow(1 - Math.min(t, 40) / 40.0, 2),
                spec("torch.PolynomialLR:power=2,over=40", 100),
                100);
        assertSame(t -> PEAK * Math.pow(0.95, t), Tabulated.products(PEAK, t -> 0.95, 100), 100);
        assertSame(t -> PEAK * Math.pow(0.95, t), spec("torch.MultiplicativeLR", 100), 100);
    }

    /// With T_mult 2: the cycle is counted up as PyTorch counts it.
    @Test
    void warmRestartsOfPyTorch() {
        Schedule ours = new Restarts(PEAK, 0.02, 10, 2, 1, 0, Decay.COSINE);
        long length = 10;
        long place = 0;
        for (long t = 0; t < 5000; t++) {
            double theirs = 0.02 + (PEAK - 0.02) * (1 + Math.cos(Math.PI * place / length)) / 2;
            assertEquals(theirs, ours.at(t), 1e-12, "step " + t);
            if (++place == length) {
                place = 0;
                length *= 2;
            }
        }
    }

    @Test
    void cyclesOfPyTorchAndThePaper() {
        double low = 0.1 * PEAK;
        for (double[] form : new double[][] {{1, 1}, {0.5, 1}, {1, 0.99}}) {
            Schedule ours = new Cyclic(low, PEAK, 20, 20, form[0], form[1]);
            assertSame(
                    t -> {
                        double cycle = Math.floor(1 + t / 40.0);
                        double x = Math.abs(t / 20.0 - 2 * cycle + 1);
                        double scale = form[0] == 1 ? Math.pow(form[1], t) : 1 / Math.pow(2, cycle - 1);
                        return low + (PEAK - low) * Math.max(0, 1 - x) * scale;
                    },
                    ours,
                    400);
        }
        Cyclic cyclic = new Cyclic(low, PEAK, 20, 60, 1, 1);
        assertEquals(low, cyclic.at(0));
        assertEquals(PEAK, cyclic.at(20));
        assertEquals(low, cyclic.at(80), 1e-15);
        assertEquals(0.95, cyclic.momentum(0.85, 0.95).at(0), 1e-15);
        assertEquals(0.85, cyclic.momentum(0.85, 0.95).at(20), 1e-15);
    }

    /// PyTorch's OneCycleLR of 100 steps: its phases end at 0.3·100 − 1 and 99.
    @Test
    void oneCycleOfPyTorch() {
        double low = PEAK / 25;
        double last = low / 1e4;
        OneCycle ours = new OneCycle(low, PEAK, last, 29, 70, 0, Decay.COSINE);
        assertSame(t -> t <= 29 ? annealed(low, PEAK, t / 29.0) : annealed(PEAK, last, (t - 29) / 70.0), ours, 100);
        assertSame(
                t -> t <= 29 ? annealed(0.95, 0.85, t / 29.0) : annealed(0.85, 0.95, (t - 29) / 70.0),
                ours.momentum(0.85, 0.95),
                100);
    }

    private static double annealed(double start, double end, double share) {
        return end + (start - end) / 2 * (Math.cos(Math.PI * share) + 1);
    }

    @Test
    void oneCycleOfThePaperIsPiecewiseLinear() {
        OneCycle ours = new OneCycle(0.08, 0.8, 0.0008, 45, 45, 10, Decay.LINEAR);
        Schedule momentum = ours.momentum(0.85, 0.95);
        assertEquals(0.08, ours.at(0));
        assertEquals(0.8, ours.at(45));
        assertEquals(0.08, ours.at(90), 1e-15);
        assertEquals(0.0008, ours.at(100));
        assertEquals(0.0008, ours.at(1000));
        for (long t = 1; t < 100; t++) {
            if (t % 45 != 0) {
                assertEquals(2 * ours.at(t), ours.at(t - 1) + ours.at(t + 1), 1e-12);
            }
            assertTrue(momentum.at(t) >= momentum.at(45));
        }
        assertEquals(0.85, momentum.at(45));
        assertEquals(0.95, momentum.at(0));
        assertEquals(0.95, momentum.at(95));
    }

    @Test
    void optax() {
        assertSame(t -> PEAK * Math.pow(0.5, t / 40.0), spec("optax.exponential_decay:factor=0.5,every=40s", 300), 300);
        assertSame(
                t -> PEAK * ((1 - 0.1) * Math.pow(0.5 * (1 + Math.cos(Math.PI * Math.min(t, 80) / 80)), 3) + 0.1),
                spec("cosine:floor=0.1,power=3,over=80", 100),
                100);
        assertSame(
                t -> {
                    double left = 1 - (double) Math.clamp(t - 10, 0, 50) / 50;
                    return (PEAK - 0.1 * PEAK) * Math.pow(left, 2) + 0.1 * PEAK;
                },
                spec("optax.polynomial_schedule:power=2,floor=0.1,hold=10,over=50", 100),
                100);
        assertSame(
                t -> t < 30 ? 0.03 + (0.3 - 0.03) * t / 30 : t < 90 ? 0.3 - 0.3 * (t - 30) / 60 : 0,
                new Interpolated(0.03, List.of(30L, 90L), List.of(0.3, 0.0), Decay.LINEAR),
                120);
        assertSame(t -> PEAK * (t >= 50 ? 0.1 : 1) * (t >= 75 ? 0.1 : 1), spec("multi-step:at=50/75", 100), 100);
    }

    @Test
    void huggingFace() {
        // Restarts: cos of the rest of the cycle, zero at the end.
        assertSame(
                t -> PEAK * 0.5 * (1 + Math.cos(Math.PI * (4.0 * t / 100 % 1))),
                spec("hf.cosine_with_restarts:first=25,cycles=4", 100),
                100);
        assertSame(t -> PEAK * Math.sqrt(20.0 / (t + 20)), spec("hf.inverse_sqrt:timescale=20", 300), 300);
        for (String shape : new String[] {"linear", "cosine", "one-minus-sqrt"}) {
            double floor = 0.1;
            assertSame(
                    t -> {
                        double progress = Math.clamp((t - 60) / 40.0, 0, 1);
                        double factor = switch (shape) {
                            case "linear" -> 1 - progress;
                            case "cosine" -> 0.5 * (1 + Math.cos(Math.PI * progress));
                            default -> 1 - Math.sqrt(progress);
                        };
                        return PEAK * (factor * (1 - floor) + floor);
                    },
                    spec("hf.warmup_stable_decay:decay=40,floor=0.1,shape=" + shape, 100),
                    120);
        }
        // Warm-ups: ours is a step ahead, so that the first update is one.
        for (String shape : new String[] {"linear", "cosine", "one-minus-sqrt"}) {
            assertSame(
                    t -> {
                        double p = (t + 1) / 20.0;
                        return PEAK
                                * switch (shape) {
                                    case "linear" -> p;
                                    case "cosine" -> 0.5 * (1 - Math.cos(Math.PI * p));
                                    default -> 1 - Math.sqrt(1 - p);
                                };
                    },
                    spec("constant:warmup=20,warmup-shape=" + shape, 100),
                    20);
        }
    }

    @Test
    void timm() {
        // Cosine with cycles that are longer and lower, and k-decay.
        double k = 1.5;
        Schedule ours = new Restarts(PEAK, 0.001, 10, 3, 0.5, 3, new KDecay(Decay.COSINE, k));
        assertSame(
                t -> {
                    int i = (int) Math.floor(Math.log(1 - t / 10.0 * (1 - 3)) / Math.log(3) + 1e-12);
                    double length = Math.pow(3, i) * 10;
                    double place = t - (1 - Math.pow(3, i)) / (1 - 3) * 10;
                    double peak = PEAK * Math.pow(0.5, i);
                    return i >= 3
                            ? 0.001
                            : 0.001
                                    + 0.5
                                            * (peak - 0.001)
                                            * (1 + Math.cos(Math.PI * Math.pow(place, k) / Math.pow(length, k)));
                },
                ours,
                300);
        assertSame(
                t -> {
                    double r = Math.min(t, 100) / 100.0;
                    return t >= 100 ? 0 : 0.5 * PEAK * (1 - Math.tanh(-7 * (1 - r) + 3 * r));
                },
                spec("timm.tanh", 100),
                150);
        assertSame(
                t -> PEAK * Math.pow(1 - Math.pow(Math.min(t, 100) / 100.0, 2), 0.5), spec("timm.poly:k=2", 100), 150);
    }

    @Test
    void fairseq() {
        // tri_stage; the warm-up is a step ahead of theirs.
        assertSame(
                t -> {
                    if (t < 10) {
                        return PEAK * (0.01 + 0.99 * (t + 1) / 10);
                    }
                    return t < 50 ? PEAK : t < 100 ? PEAK * Math.exp(Math.log(0.01) / 50 * (t - 50)) : 0.01 * PEAK;
                },
                spec("fairseq.tri_stage", 100),
                150);
        assertSame(
                t -> PEAK * Math.min((t + 1) / 10.0, Math.sqrt(10.0 / (t + 1))), spec("burn.noam:rise=10", 100), 300);
    }

    @Test
    void megatron() {
        assertSame(
                t -> {
                    double r = Math.clamp((t - 80) / 20.0, 0, 1);
                    return 0.03 + (2 * Math.pow(0.5, r) - 1) * (PEAK - 0.03);
                },
                spec("megatron.WSD:floor=0.1", 100),
                120);
        assertSame(
                t -> 0.1 * PEAK + 0.5 * (Math.cos(Math.PI * (1 - Math.min(t, 100) / 100.0)) + 1) * 0.9 * PEAK,
                ScheduleSpec.parse("megatron.weight-decay cosine").build(100, PEAK, 0),
                120);
    }

    @Test
    void rexAndSamples() {
        Schedule rex = new Shaped(1, 0, 1000, Decay.REX);
        assertEquals(1, rex.at(0));
        assertEquals(2.0 / 3, rex.at(500), 1e-15);
        assertEquals(0.1 / 0.55, rex.at(900), 1e-15);
        assertEquals(0, rex.at(1000));
        Schedule sampled = new Sampled(rex, 100);
        assertSame(t -> rex.at(t / 100 * 100), sampled, 1100);
    }

    @Test
    void decaysOfWarmupStableDecay() {
        double floor = 0.03;
        assertSame(
                t -> 1 / ((1 - t / 50.0) / PEAK + t / 50.0 / floor),
                new Wsd(PEAK, floor, 0, 0, 50, Decay.INVERSE_PROPORTIONAL),
                50);
        assertSame(t -> PEAK * Math.pow(floor / PEAK, t / 50.0), new Wsd(PEAK, floor, 0, 0, 50, Decay.GEOMETRIC), 50);
        assertSame(t -> 0.7 * PEAK * (1 - t / 50.0), new Wsd(PEAK, 0, 0, 0, 50, new Lowered(Decay.LINEAR, 0.7)), 50);
        WsdS three = new WsdS(PEAK, floor, List.of(100L, 200L, 400L), 0.1, Decay.LINEAR);
        assertEquals(PEAK, three.at(90));
        assertEquals((PEAK + floor) / 2, three.at(95), 1e-15);
        assertEquals(PEAK, three.at(100));
        assertEquals((PEAK + floor) / 2, three.at(190), 1e-15);
        assertEquals((PEAK + floor) / 2, three.at(380), 1e-15);
        assertEquals(floor, three.at(400));
        // The last step of a run with a warm-up is the last of its ends.
        Schedule run = ScheduleSpec.parse("wsd-s:ends=0.5/1").build(1000, PEAK, 50);
        assertTrue(run.at(499) < 0.2 * PEAK && run.at(500) == PEAK && run.at(999) < 0.2 * PEAK);
    }

    /// A fault of others: a floor that holds in one of the shapes only, so that the rate jumps up at the end.
    @Test
    void theFloorHoldsInEveryShape() {
        for (String shape : ScheduleTerms.SHAPES.split(", ")) {
            Schedule wsd = spec("wsd:floor=0.2,decay=50,shape=" + shape, 100);
            double before = PEAK;
            for (long t = 0; t < 150; t++) {
                assertTrue(wsd.at(t) <= before * (1 + 1e-15), shape + " rises at " + t);
                before = wsd.at(t);
            }
            assertEquals(0.2 * PEAK, wsd.at(100), 1e-15);
            assertTrue(wsd.at(99) < 0.3 * PEAK, shape + " ends at " + wsd.at(99));
        }
    }

    @Test
    void infiniteAndRewarmed() {
        for (Profile cooling : new Profile[] {Decay.COSINE, new InverseRoot(10)}) {
            Infinite trunk = new Infinite(PEAK, 0.1, 200, cooling);
            Schedule released = trunk.annealed(500, 100, 0.001);
            for (long t = 0; t < 500; t++) {
                assertEquals(trunk.at(t), released.at(t));
            }
            assertSame(t -> 0.1 * Math.pow(0.01, t / 100.0), t -> released.at(t + 500), 100);
            assertEquals(PEAK, trunk.at(0));
            assertEquals(0.1, trunk.at(200));
            assertEquals(0.1, trunk.at(Long.MAX_VALUE));
        }
        double h = 1 / Math.sqrt(1 + 10 * 0.25) - 1;
        double whole = 1 / Math.sqrt(11) - 1;
        assertEquals(PEAK + (0.1 - PEAK) * h / whole, new Infinite(PEAK, 0.1, 200, new InverseRoot(10)).at(50), 1e-15);
        Rewarmed twice = new Rewarmed(PEAK, 0.03, List.of(100L, 300L), 0.1, Decay.COSINE);
        assertSame(
                t -> {
                    long begin = t < 100 ? 0 : 100;
                    long rise = t < 100 ? 10 : 20;
                    long length = t < 100 ? 100 : 200;
                    double place = t - begin;
                    return place < rise
                            ? PEAK * (place + 1) / rise
                            : 0.03 + (PEAK - 0.03) * 0.5 * (1 + Math.cos(Math.PI * (place - rise) / (length - rise)));
                },
                twice,
                300);
    }

    /// Gradient descent with the rates of one round solves a quadratic to the accuracy of the Chebyshev
    /// polynomial.
    @Test
    void chebyshevRatesSolveAQuadratic() {
        double condition = 50;
        int nodes = 16;
        Chebyshev ours = new Chebyshev(1, condition, nodes);
        double smallest = (condition + 1) / 2 - (condition - 1) / 2 * Math.cos(Math.PI / (2 * nodes));
        double rho = (Math.sqrt(condition) - 1) / (Math.sqrt(condition) + 1);
        double bound = 2 / (Math.pow(rho, nodes) + Math.pow(rho, -nodes));
        for (double curvature = 1; curvature <= condition; curvature += 0.5) {
            double x = 1;
            for (int t = 0; t < nodes; t++) {
                x *= 1 - ours.at(t) / smallest * curvature;
            }
            assertTrue(Math.abs(x) <= bound * (1 + 1e-9), curvature + ": " + x);
        }
        for (int t = 0; t < nodes; t++) {
            assertEquals(ours.at(t), ours.at(t + 3L * nodes));
            assertTrue(ours.at(t) <= 1);
        }
        // The order for eight: 1 8 4 5 2 7 3 6, counted from 1.
        Chebyshev eight = new Chebyshev(1, 2, 8);
        int[] order = {1, 8, 4, 5, 2, 7, 3, 6};
        for (int t = 0; t < 8; t++) {
            double node = 1.5 - 0.5 * Math.cos(Math.PI * (order[t] - 0.5) / 8);
            double first = 1.5 - 0.5 * Math.cos(Math.PI * 0.5 / 8);
            assertEquals(first / node, eight.at(t), 1e-15);
        }
    }

    @Test
    void sparsityDropoutAndBatches() {
        SparsityRamp ramp = new SparsityRamp(0.8, 250, 750, 3, 10);
        assertSame(
                t -> {
                    if (t < 250) {
                        return 0;
                    }
                    double r = Math.min(1, (t - 250) / 10 * 10 / 500.0);
                    return 0.8 + (0 - 0.8) * Math.pow(1 - r, 3);
                },
                ramp,
                1000);
        double mean = 0;
        for (long t = 0; t < 1000; t++) {
            mean += (1 - ramp.at(t)) / 1000;
        }
        assertEquals(mean, ramp.meanDensity(1000), 1e-12);
        assertEquals(0.2 + (mean - 0.2) / 1000, ramp.meanDensity(1_000_000), 1e-12);
        Schedule dropout = new Delayed(0, 0.2, 500, 100);
        assertEquals(0, dropout.at(499));
        assertEquals(0.1, dropout.at(550), 1e-15);
        assertEquals(0.2, dropout.at(600));
        Schedule batch = new Staircase(32, 256, 8, 70);
        assertSame(t -> t >= 70 ? 256 : 32 + 32 * (t / 10), batch, 100);
    }

    @Test
    void whatMovesWithASchedule() {
        Schedule rate = new Cosine(1, 0.2, 100);
        Proportional radius = new Proportional(rate, 0.2, 1, 0.5, 2);
        assertSame(t -> 0.5 + (2 - 0.5) * (rate.at(t) - 0.2) / (1 - 0.2), radius, 120);
    }

    @Test
    void noiseHasItsDeviationAndNoBias() {
        Schedule noisy = new Noisy(new Constant(1), 0.1, 3);
        double sum = 0;
        double squares = 0;
        for (long t = 0; t < 20_000; t++) {
            double off = noisy.at(t) - 1;
            sum += off;
            squares += off * off;
        }
        assertEquals(0, sum / 20_000, 0.003);
        assertEquals(0.1, Math.sqrt(squares / 20_000), 0.003);
        assertTrue(noisy.at(7) != new Noisy(new Constant(1), 0.1, 4).at(7));
    }
}
