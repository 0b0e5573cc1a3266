package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.between;
import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

final class NormOpsTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        Tensor weight = between(0.5, 1.5, 5);
        Tensor halfAngles = between(0, 3, 3, 2);
        Tensor cos = Tensor.of(
                java.util.Arrays.stream(halfAngles.toDoubleArray())
                        .map(Math::cos)
                        .toArray(),
                3,
                2);
        Tensor sin = Tensor.of(
                java.util.Arrays.stream(halfAngles.toDoubleArray())
                        .map(Math::sin)
                        .toArray(),
                3,
                2);
        return Stream.of(
                Sample.of(
                                "layer_norm",
                                x -> LayerNorm.layerNorm(x[0], x[1], x[2], 0.1),
                                normal(2, 3, 5),
                                weight,
                                normalOf(3, 5))
                        .edge(normal(0, 5), weight, weight)
                        .edge(normal(2, 1), normal(1), normal(1)),
                Sample.of(
                        "layer_norm without bias",
                        x -> LayerNorm.layerNorm(x[0], x[1], null, 0.1),
                        normal(3, 5),
                        weight),
                Sample.of(
                                "layer_norm large",
                                x -> LayerNorm.layerNorm(x[0], x[1], x[2], 0.1),
                                normal(307, 131),
                                normal(131),
                                normalOf(2, 131))
                        .large(),
                Sample.of("rms_norm", x -> RmsNorm.rmsNorm(x[0], x[1], 0.1), normal(2, 3, 5), weight)
                        .edge(normal(0, 5), weight)
                        .edge(normal(2, 1), normal(1)),
                Sample.of(
                                "rotary",
                                x -> Rotary.rotary(x[0], cos.to(x[0].dtype()), sin.to(x[0].dtype())),
                                normal(2, 3, 4))
                        .edge(normal(0, 3, 4)),
                Sample.of(
                                "group_rational",
                                x -> GroupRational.groupRational(x[0], x[1], x[2]),
                                normal(2, 3, 6),
                                normalOf(3, 2, 6),
                                normalOf(4, 2, 4))
                        .edge(normal(0, 6), normalOf(3, 2, 6), normalOf(4, 2, 4))
                        .edge(normal(1, 1), normal(1, 1), normal(1, 1)),
                Sample.of(
                        "group_rational of other degrees",
                        x -> GroupRational.groupRational(x[0], x[1], x[2]),
                        normal(4, 3),
                        normalOf(3, 3, 2),
                        normalOf(4, 3, 3)),
                Sample.of(
                                "group_rational large",
                                x -> GroupRational.groupRational(x[0], x[1], x[2]),
                                between(-2, 2, 131, 3 * 37),
                                normalOf(3, 3, 6),
                                normalOf(4, 3, 4))
                        .large(),
                Sample.of("stable_max", x -> StableMax.stableMax(x[0]), normal(3, 5)),
                Sample.of(
                        "cross entropy of stable_max",
                        x -> StableMax.crossEntropy(x[0], x[1]),
                        normal(3, 5),
                        Tensor.of(new long[] {4, 0, 2}, 3)),
                Sample.of(
                                "straight_through",
                                x -> StraightThrough.straightThrough(x[0], PiecewiseConstant.round(x[0])),
                                normal(3, 5))
                        .constant(),
                Sample.of("dropout", x -> Tensor.apply(new Dropout(0.3, 99, 4), x[0]), normal(3, 5))
                        .edge(normal(0)));
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor x = normal(3, 5);
        Tensor four = normal(4);
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> LayerNorm.layerNorm(x, four, null, 0.1),
                        "layer_norm",
                        "[3, 5]",
                        "[4]"),
                Refusal.of(
                        ShapeMismatchException.class, () -> RmsNorm.rmsNorm(x, four, 0.1), "rms_norm", "[3, 5]", "[4]"),
                Refusal.of(ShapeMismatchException.class, () -> Rotary.rotary(x, four, four), "rotary", "[3, 5]", "[4]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> GroupRational.groupRational(x, normal(2, 6), normal(2, 4)),
                        "group_rational",
                        "[3, 5]",
                        "[2, 6]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> StraightThrough.straightThrough(x, four),
                        "straight_through",
                        "[3, 5]",
                        "[4]"),
                Refusal.of(
                        IllegalArgumentException.class, () -> Tensor.apply(new Dropout(1, 0, 0), x), "dropout", "1.0"));
    }
}
