package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.normal;

import java.util.stream.Stream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class LossOpsTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        Tensor classes = Tensor.of(new long[] {4, 0, CrossEntropy.IGNORE}, 3);
        CrossEntropy full = new CrossEntropy(0.1, CrossEntropy.IGNORE, 0.02);
        return Stream.of(
                Sample.of("cross_entropy", x -> CrossEntropy.crossEntropy(x[0], x[1]), normal(3, 5), classes)
                        .edge(normal(1, 5), Tensor.of(new long[] {2})),
                Sample.of("cross_entropy smoothed mean", x -> full.mean(x[0], x[1]), normal(3, 5), classes),
                Sample.of("cross_entropy large", x -> full.mean(x[0], x[1].to(DType.INT64)), normal(3, 5003), classes)
                        .large(),
                Sample.of("cross_entropy smoothed", x -> Tensor.apply(full, x), normal(3, 5), classes)
                        .edge(normal(0, 5), Tensor.of(new long[0])),
                Sample.of(
                        "cross_entropy of probabilities",
                        x -> Tensor.apply(new CrossEntropy(0.1, 0, 0), x[0], Softmax.softmax(x[1], -1)),
                        normal(3, 5),
                        Sample.normalOf(2, 3, 5)));
    }

    @Override
    public Stream<Refusal> refusals() {
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> CrossEntropy.crossEntropy(normal(3, 5), Tensor.of(new long[] {1, 2})),
                        "reshape",
                        "[2]",
                        "[3]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Tensor.apply(new CrossEntropy(0, 0, 0), normal(3, 5), Tensor.of(new long[] {1, 2})),
                        "cross_entropy",
                        "[3, 5]",
                        "[2]"),
                Refusal.of(
                        IndexOutOfBoundsException.class,
                        () -> CrossEntropy.crossEntropy(normal(1, 5), Tensor.of(new long[] {5})),
                        "5"),
                Refusal.of(
                        IllegalArgumentException.class,
                        () -> Tensor.apply(new CrossEntropy(1, 0, 0), normal(1)),
                        "cross_entropy",
                        "1.0"));
    }
}
