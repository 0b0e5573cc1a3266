package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Optimizers over 25 steps in float64 against the [recursions][Recursions] of the papers, for a matrix and a vector,
/// with a
/// rate on a schedule and group factors.
final class RecipeRecursionTest {

    private static final int STEPS = 25;
    private static final double SCALE = 0.7;
    private static final Schedule RATE = step -> 0.1 / (1 + 0.2 * step);
    private static final double DECAY = 0.05;
    private static final double RATE_FACTOR = 0.6;
    private static final double DECAY_FACTOR = 0.5;

    /// @param make a fresh recursion, with state of its own
    record Row(String spec, Supplier<Recursions.Step> make) {
        @Override
        public String toString() {
            return spec;
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                new Row("adabelief", Recursions::adaBelief),
                new Row("adabound:final-rate=0.05,gamma=0.1", () -> Recursions.adaBound(false)),
                new Row("adabound:final-rate=0.05,gamma=0.1,amsbound=true", () -> Recursions.adaBound(true)),
                new Row("adadelta", Recursions::adadelta),
                new Row("adafactor:relative=true", () -> WholeRecursions.adafactor(true)),
                new Row("adafactor:relative=false,momentum=0.9", () -> WholeRecursions.adafactor(false)),
                new Row("adagrad:rate-decay=0.1,initial=0.2", Recursions::adagrad),
                new Row("adamax", Recursions::adamax),
                new Row("adamod:beta3=0.9", () -> Recursions.adaMod(0.9)),
                new Row("adan", Recursions::adan),
                new Row("ademamix:beta3=0.99", Recursions::adEMAMix),
                new Row("adopt:beta2=0.9", Recursions::adopt),
                new Row("dadaptadam:first=0.01", WholeRecursions::dAdaptAdam),
                new Row("dadaptsgd:first=0.01", WholeRecursions::dAdaptSgd),
                new Row("fadam", WholeRecursions::fAdam),
                new Row("lamb", WholeRecursions::lamb),
                new Row("lars", WholeRecursions::lars),
                new Row("lion", Recursions::lion),
                new Row("madgrad", Recursions::madGrad),
                new Row("muon", WholeRecursions::muon),
                new Row("nadam", Recursions::nAdam),
                new Row("novograd", WholeRecursions::novoGrad),
                new Row("prodigy:first=0.01", WholeRecursions::prodigy),
                new Row("radam", Recursions::rAdam),
                new Row("rmsprop:momentum=0.9,centered=true", Recursions::rmsProp),
                new Row("rprop", Recursions::rprop),
                new Row("schedulefree", Recursions::scheduleFree),
                new Row("sgdw", Recursions::sgdW),
                new Row("signsgd", Recursions::signSgd),
                new Row("signum", Recursions::signum),
                new Row("sm3", WholeRecursions::sm3),
                new Row("upgd:sigma=0", WholeRecursions::upgd),
                new Row("yogi", Recursions::yogi));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theRecursionIsFollowed(Row row) {
        for (int[] shape : new int[][] {{3, 5}, {7}}) {
            RandomStream random = new RandomStream(23);
            long[] extents = Arrays.stream(shape).asLongStream().toArray();
            Parameter parameter = new Parameter(random.normal(DType.FLOAT64, extents));
            Optimizer optimizer = OptimizerSpec.parse(
                            row.spec, Map.of("rate", RATE, "weightDecay", new Constant(DECAY)))
                    .over(List.of(
                            Fixture.group(parameter).withRateFactor(RATE_FACTOR).withWeightDecayFactor(DECAY_FACTOR)));
            Recursions.Step recursion = row.make.get();
            double[] expected = parameter.own().toDoubleArray();
            for (int t = 1; t <= STEPS; t++) {
                assertEquals(RATE.at(t - 1), optimizer.rate());
                Tensor gradient = random.normal(DType.FLOAT64, extents);
                parameter.clearGradient();
                parameter.own().setGradient(gradient);
                double[] g = Arrays.stream(gradient.toDoubleArray())
                        .map(x -> SCALE * x)
                        .toArray();
                recursion.next(
                        expected, g, shape, t, new Recursions.Rates(RATE.at(t - 1), RATE_FACTOR, DECAY * DECAY_FACTOR));
                optimizer.step(SCALE);
                double[] actual = parameter.own().toDoubleArray();
                for (int i = 0; i < actual.length; i++) {
                    assertEquals(
                            expected[i],
                            actual[i],
                            1e-10 * (1 + Math.abs(expected[i])),
                            row + " of rank " + shape.length + ", step " + t + ", element " + i);
                }
            }
        }
    }
}
