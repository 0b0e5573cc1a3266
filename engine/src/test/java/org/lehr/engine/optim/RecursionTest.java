package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Every optimizer over 25 steps against a recursion written from the papers, one number at a time in
/// float64: schedules, group factors, a scale of the gradient, and steps in which a parameter has no
/// gradient.
final class RecursionTest {

    private static final int STEPS = 25;
    private static final double SCALE = 0.7;
    private static final Schedule RATE = step -> 0.1 / (1 + step);
    private static final Schedule DECAY = step -> 0.05 + 0.01 * step;
    private static final Schedule FALLING = step -> 0.9 - 0.02 * step;
    private static final Schedule ZERO = new Constant(0);

    /// One step of one number: `state` holds the moments, what is returned takes the place of `p`.
    private interface Recursion {
        double next(double p, double gradient, double[] state, long step, double rate, double decay);
    }

    private static Recursion sgd(Schedule momentum, double dampening, boolean nesterov) {
        return (p, gradient, m, step, rate, decay) -> {
            double g = gradient + decay * p;
            double mu = momentum.at(step);
            m[0] = step == 0 ? g : mu * m[0] + (1 - dampening) * g;
            return p - rate * (momentum.at(0) == 0 ? g : nesterov ? g + mu * m[0] : m[0]);
        };
    }

    private static Recursion adam(Schedule beta1, double beta2, double epsilon, boolean decoupled, boolean maximal) {
        return (p, gradient, s, step, rate, decay) -> {
            double g = decoupled ? gradient : gradient + decay * p;
            double shrunk = decoupled ? p - rate * decay * p : p;
            double b1 = beta1.at(step);
            s[0] = b1 * s[0] + (1 - b1) * g;
            s[1] = beta2 * s[1] + (1 - beta2) * g * g;
            s[2] = maximal ? Math.max(s[2], s[1]) : s[1];
            double mean = s[0] / (1 - Math.pow(b1, step + 1));
            double square = s[2] / (1 - Math.pow(beta2, step + 1));
            return shrunk - rate * mean / (Math.sqrt(square) + epsilon);
        };
    }

    @TestFactory
    Stream<DynamicTest> sgd() {
        Schedule steady = new Constant(0.9);
        return Stream.of(
                of("plain", g -> new Sgd(g, new Sgd.Form(RATE, ZERO, 0, false, ZERO)), sgd(ZERO, 0, false), ZERO),
                of("decay", g -> new Sgd(g, new Sgd.Form(RATE, ZERO, 0, false, DECAY)), sgd(ZERO, 0, false), DECAY),
                of("momentum", g -> new Sgd(g, RATE, 0.9), sgd(steady, 0, false), ZERO),
                of(
                        "falling momentum, dampening, decay",
                        g -> new Sgd(g, new Sgd.Form(RATE, FALLING, 0.3, false, DECAY)),
                        sgd(FALLING, 0.3, false),
                        DECAY),
                of(
                        "nesterov",
                        g -> new Sgd(g, new Sgd.Form(RATE, FALLING, 0, true, DECAY)),
                        sgd(FALLING, 0, true),
                        DECAY));
    }

    @TestFactory
    Stream<DynamicTest> adam() {
        Schedule beta1 = new Constant(0.9);
        Schedule beta2 = new Constant(0.99);
        Schedule usual = new Constant(0.999);
        return Stream.of(
                of("adam", g -> new Adam(g, RATE), adam(beta1, 0.999, 1e-8, false, false), ZERO),
                of(
                        "adam with decay",
                        g -> new Adam(g, new AdamFamily.Form(RATE, beta1, usual, 0.1, DECAY, false)),
                        adam(beta1, 0.999, 0.1, false, false),
                        DECAY),
                of("adamW", g -> new AdamW(g, RATE, 0.2), adam(beta1, 0.999, 1e-8, true, false), new Constant(0.2)),
                of(
                        "adamW, beta on a schedule",
                        g -> new AdamW(g, new AdamFamily.Form(RATE, FALLING, beta2, 1e-3, DECAY, false)),
                        adam(FALLING, 0.99, 1e-3, true, false),
                        DECAY),
                of(
                        "amsgrad",
                        g -> new Adam(g, new AdamFamily.Form(RATE, beta1, beta2, 1e-8, ZERO, true)),
                        adam(beta1, 0.99, 1e-8, false, true),
                        ZERO),
                of(
                        "amsgrad, decoupled",
                        g -> new AdamW(g, new AdamFamily.Form(RATE, beta1, beta2, 1e-8, DECAY, true)),
                        adam(beta1, 0.99, 1e-8, true, true),
                        DECAY));
    }

    private static DynamicTest of(
            String name, Function<List<ParameterGroup>, Optimizer> optimizer, Recursion recursion, Schedule decay) {
        return DynamicTest.dynamicTest(name, () -> {
            compare(DType.FLOAT64, 1e-12, optimizer, recursion, decay);
            // 25 steps of a few roundings of numbers of size one.
            compare(DType.FLOAT32, 25 * 8 * 0x1p-24, optimizer, recursion, decay);
        });
    }

    private static void compare(
            DType dtype,
            double tolerance,
            Function<List<ParameterGroup>, Optimizer> make,
            Recursion recursion,
            Schedule decay) {
        RandomStream random = new RandomStream(23);
        List<Parameter> parameters = List.of(
                new Parameter(random.normal(dtype, 3, 5)),
                new Parameter(random.normal(dtype, 7)),
                new Parameter(random.normal(dtype, 1)));
        double[] rateFactors = {1, 1, 0.3};
        double[] decayFactors = {1, 1, 0};
        Optimizer optimizer = make.apply(List.of(
                group("a", parameters.get(0), "b", parameters.get(1)),
                group("c", parameters.get(2)).withRateFactor(0.3).withWeightDecayFactor(0)));
        double[][] expected =
                parameters.stream().map(p -> p.own().toDoubleArray()).toArray(double[][]::new);
        double[][][] states =
                Arrays.stream(expected).map(e -> new double[e.length][3]).toArray(double[][][]::new);
        for (int step = 0; step < STEPS; step++) {
            assertEquals(RATE.at(step), optimizer.rate());
            for (int i = 0; i < parameters.size(); i++) {
                Parameter parameter = parameters.get(i);
                parameter.clearGradient();
                // A parameter that sits out, but not in the first step.
                if (i == 1 && step % 5 == 3) {
                    continue;
                }
                Tensor gradient = random.normal(dtype, parameter.own().shape().toArray());
                parameter.own().setGradient(gradient);
                double[] g = gradient.toDoubleArray();
                for (int e = 0; e < g.length; e++) {
                    expected[i][e] = recursion.next(
                            expected[i][e],
                            SCALE * g[e],
                            states[i][e],
                            step,
                            RATE.at(step) * rateFactors[i],
                            decay.at(step) * decayFactors[i]);
                }
            }
            optimizer.step(SCALE);
            for (int i = 0; i < expected.length; i++) {
                double[] actual = parameters.get(i).own().toDoubleArray();
                for (int e = 0; e < actual.length; e++) {
                    assertEquals(
                            expected[i][e],
                            actual[e],
                            tolerance * (1 + Math.abs(expected[i][e])),
                            "step " + step + ", parameter " + i + ", element " + e);
                }
            }
        }
        assertEquals(STEPS, optimizer.steps());
    }

    private static ParameterGroup group(Object... pathsAndParameters) {
        SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
        for (int i = 0; i < pathsAndParameters.length; i += 2) {
            parameters.put((String) pathsAndParameters[i], (Parameter) pathsAndParameters[i + 1]);
        }
        return new ParameterGroup(parameters, 1, 1);
    }
}
