package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

final class AttentionTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        Tensor q = normalOf(1, 2, 2, 3, 2);
        Tensor k = normalOf(2, 2, 1, 4, 2);
        Tensor v = normalOf(3, 2, 1, 4, 3);
        Tensor padding = Tensor.of(new boolean[] {false, false, false, true, false, true, false, false}, 2, 4);
        return Stream.of(
                Sample.of("attention full", x -> Attention.full(x[0], x[1], x[2]), q, k, v)
                        .edge(normal(0, 2, 3, 2), normal(0, 1, 4, 2), normal(0, 1, 4, 3)),
                Sample.of("attention causal", x -> Attention.causal(x[0], x[1], x[2]), q, k, v),
                Sample.of(
                        "attention in a window",
                        x -> Tensor.apply(new Attention(0.7, true, 2, false, false), x),
                        q,
                        k,
                        v),
                Sample.of(
                        "attention with bias and padding",
                        x -> Tensor.apply(new Attention(0.7, false, 0, true, true), x),
                        q,
                        k,
                        v,
                        normalOf(4, 2, 3, 4),
                        padding),
                Sample.of(
                        "attention with capped scores",
                        x -> Tensor.apply(new Attention(1.3, 0.9, true, 0, true, false), x),
                        q,
                        k,
                        v,
                        normalOf(4, 2, 3, 4)),
                Sample.of(
                        "attention with hidden places",
                        x -> Tensor.apply(new Attention(0.7, 2, false, 0, true, false), x[0], x[1], x[2], holes()),
                        q,
                        k,
                        v),
                Sample.of(
                                "attention large",
                                x -> Attention.causal(x[0], x[1], x[2]),
                                normalOf(1, 2, 2, 67, 8),
                                normalOf(2, 2, 2, 67, 8),
                                normalOf(3, 2, 2, 67, 8))
                        .large());
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor q = normal(2, 2, 3, 2);
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Attention.full(q, normal(2, 2, 4, 3), q),
                        "attention",
                        "[2, 2, 3, 2]",
                        "[2, 2, 4, 3]"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> Attention.full(q, q, Tensor.ones(2, 2, 3, 2)),
                        "attention",
                        "float64",
                        "float32"),
                Refusal.of(
                        IllegalArgumentException.class,
                        () -> Tensor.apply(new Attention(1, false, 3, false, false), q),
                        "attention",
                        "3"),
                Refusal.of(
                        IllegalArgumentException.class,
                        () -> Tensor.apply(new Attention(1, -2, false, 0, false, false), q, q, q),
                        "attention",
                        "soft cap",
                        "-2.0"));
    }

    /// A bias by which the first query sees nothing, the second one key and the third all.
    private static Tensor holes() {
        double no = Double.NEGATIVE_INFINITY;
        return Tensor.of(new double[] {no, no, no, no, no, no, 0.3, no, 0.1, -0.4, 0, 0.2}, 1, 1, 3, 4);
    }
}
