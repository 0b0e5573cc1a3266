package org.lehr.engine.tensor.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.StateSpaceDual.Inputs;
import org.lehr.engine.tensor.op.StateSpaceDual.Scanned;
import org.lehr.kernels.DType;

final class StateSpaceDualTest implements OpContract {

    private static final Tensor SEQUENCES = Tensor.of(new int[] {4, 4, 1, 1, 1, 0, 0, 0, 0, 4}, 2, 5);

    /// The result and the last state in one.
    private static Tensor ends(Inputs inputs, int chunk) {
        Scanned scanned = StateSpaceDual.scan(inputs, chunk);
        return Concat.concat(0, scanned.y().reshape(-1).mul(3), scanned.last().reshape(-1));
    }

    private static Tensor rates(Tensor x) {
        return x.square().neg();
    }

    @Override
    public Stream<Sample> samples() {
        return Stream.of(
                Sample.of(
                                "state_space_dual",
                                x -> StateSpaceDual.stateSpaceDual(Inputs.of(x[0], rates(x[1]), x[2], x[3]), 4),
                                normal(2, 7, 3, 2),
                                normalOf(2, 2, 7, 3),
                                normalOf(3, 2, 7, 1, 4),
                                normalOf(4, 2, 7, 1, 4))
                        .edge(normal(0, 7, 3, 2), normal(0, 7, 3), normal(0, 7, 1, 4), normal(0, 7, 1, 4))
                        .edge(normal(2, 0, 3, 2), normal(2, 0, 3), normal(2, 0, 1, 4), normal(2, 0, 1, 4))
                        .edge(normal(1, 1, 1, 1), normal(1, 1, 1), normal(1, 1, 1, 1), normal(1, 1, 1, 1)),
                Sample.of(
                        "state_space_dual with everything",
                        x -> ends(new Inputs(x[0], rates(x[1]), x[2], x[3], x[4], SEQUENCES), 2),
                        normal(2, 5, 4, 3),
                        normalOf(2, 2, 5, 4),
                        normalOf(3, 2, 5, 2, 2),
                        normalOf(4, 2, 5, 2, 2),
                        normalOf(5, 2, 4, 3, 2)),
                Sample.of(
                                "state_space_dual large",
                                x -> ends(new Inputs(x[0], rates(x[1]), x[2], x[3], x[4], null), 48),
                                normal(2, 139, 6, 19),
                                normalOf(2, 2, 139, 6),
                                normalOf(3, 2, 139, 1, 21),
                                normalOf(4, 2, 139, 1, 21),
                                normalOf(5, 2, 6, 19, 21))
                        .large());
    }

    private static Refusal refusal(Class<? extends Exception> type, Inputs inputs, String... fragments) {
        return Refusal.of(type, () -> StateSpaceDual.stateSpaceDual(inputs, 8), fragments);
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor x = normal(2, 5, 6, 3);
        Tensor a = normal(2, 5, 6);
        Tensor b = normal(2, 5, 2, 4);
        return Stream.of(
                refusal(ShapeMismatchException.class, Inputs.of(a, a, b, b), "state_space_dual", "x must be"),
                refusal(ShapeMismatchException.class, Inputs.of(x, normal(2, 5, 1), b, b), "a must be", "[2, 5, 1]"),
                refusal(
                        ShapeMismatchException.class,
                        Inputs.of(x, a, normal(2, 5, 4, 4), normal(2, 5, 4, 4)),
                        "dividing 6 heads"),
                refusal(ShapeMismatchException.class, Inputs.of(x, a, b, normal(2, 5, 2, 3)), "C must", "[2, 5, 2, 3]"),
                refusal(
                        ShapeMismatchException.class,
                        new Inputs(x, a, b, b, normal(2, 6, 4, 3), null),
                        "[2, 6, 3, 4]",
                        "[2, 6, 4, 3]"),
                refusal(
                        ShapeMismatchException.class,
                        new Inputs(x, a, b, b, null, Tensor.of(new int[] {1, 2}, 1, 2)),
                        "sequence must be [2, 5]"),
                refusal(DTypeMismatchException.class, new Inputs(x, a, b, b, null, normal(2, 5)), "sequence"),
                refusal(DTypeMismatchException.class, Inputs.of(x, a.to(DType.FLOAT32), b, b), "float32"),
                Refusal.of(
                        IllegalArgumentException.class,
                        () -> StateSpaceDual.stateSpaceDual(Inputs.of(x, a, b, b), 0),
                        "at least 1 time"));
    }

    /// `Y = (L∘C·Bᵀ)·X` with the matrix of all decays, `exp` of differences of running sums below the diagonal.
    private static Tensor quadratic(Tensor x, Tensor a, Tensor b, Tensor c) {
        long times = x.extent(1);
        Tensor sums = CumulativeSum.cumulativeSum(a, 1).transpose(1, 2);
        Tensor between = sums.unsqueeze(3).sub(sums.unsqueeze(2));
        double[] future = new double[(int) (times * times)];
        for (int i = 0; i < times; i++) {
            for (int j = i + 1; j < times; j++) {
                future[(int) (i * times + j)] = -1e9;
            }
        }
        Tensor decays = between.add(Tensor.of(future, times, times)).exp();
        Tensor gram = c.transpose(1, 2).matmul(b.permute(0, 2, 3, 1));
        return decays.mul(gram).matmul(x.transpose(1, 2)).transpose(1, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 16, 33, 64, 1000})
    void anyChunkGivesTheQuadraticFormAndItsGradients(int chunk) {
        Tensor[] wide = {
            normal(2, 33, 3, 5).requiringGradient(),
            normalOf(2, 2, 33, 3).square().neg().requiringGradient(),
            normalOf(3, 2, 33, 1, 6).requiringGradient(),
            normalOf(4, 2, 33, 1, 6).requiringGradient()
        };
        Tensor expected = quadratic(wide[0], wide[1], wide[2], wide[3]);
        List<Tensor> slopes = Autograd.gradient(List.of(expected.square().sum()), List.of(wide), false);
        for (DType dtype : List.of(DType.FLOAT64, DType.FLOAT32)) {
            Tensor[] in = Stream.of(wide)
                    .map(x -> x.detach().to(dtype).requiringGradient())
                    .toArray(Tensor[]::new);
            Tensor y = StateSpaceDual.stateSpaceDual(Inputs.of(in[0], in[1], in[2], in[3]), chunk);
            double tolerance = dtype == DType.FLOAT64 ? 1e-10 : 2e-4;
            assertArrayEquals(expected.toDoubleArray(), y.toDoubleArray(), tolerance);
            List<Tensor> found = Autograd.gradient(List.of(y.square().sum()), List.of(in), false);
            for (int i = 0; i < found.size(); i++) {
                double most = slopes.get(i).abs().max().item();
                assertArrayEquals(
                        slopes.get(i).toDoubleArray(), found.get(i).toDoubleArray(), tolerance * most, "input " + i);
            }
        }
    }

    @Test
    void packedSequencesAreThoseReadAlone() {
        Tensor x = normal(1, 90, 4, 5).to(DType.FLOAT32);
        Tensor a = normalOf(2, 1, 90, 4).square().neg().to(DType.FLOAT32);
        Tensor b = normalOf(3, 1, 90, 2, 6).to(DType.FLOAT32);
        Tensor c = normalOf(4, 1, 90, 2, 6).to(DType.FLOAT32);
        int[] ends = {1, 30, 64, 65, 90};
        int[] index = new int[90];
        for (int i = 0; i < ends.length - 1; i++) {
            Arrays.fill(index, ends[i], ends[i + 1], i + 5);
        }
        Tensor sequence = Tensor.of(index, 1, 90);
        Scanned packed = StateSpaceDual.scan(new Inputs(x, a, b, c, null, sequence), 32);
        int from = 0;
        for (int end : ends) {
            Scanned alone = StateSpaceDual.scan(
                    Inputs.of(
                            x.slice(1, from, end), a.slice(1, from, end), b.slice(1, from, end), c.slice(1, from, end)),
                    32);
            assertArrayEquals(
                    alone.y().toFloatArray(), packed.y().slice(1, from, end).toFloatArray(), 1e-5f, "to " + end);
            if (end == 90) {
                assertArrayEquals(alone.last().toFloatArray(), packed.last().toFloatArray(), 1e-5f);
            }
            from = end;
        }
    }

    /// Reading in two pieces, with the state handed over, gives the result and the gradients of reading at once.
    @Test
    void gradientsFlowThroughBothEndsOfTheState() {
        for (DType dtype : List.of(DType.FLOAT64, DType.FLOAT32)) {
            Tensor[] in = {
                normal(2, 41, 4, 5).to(dtype).requiringGradient(),
                normalOf(2, 2, 41, 4).square().neg().to(dtype).requiringGradient(),
                normalOf(3, 2, 41, 2, 6).to(dtype).requiringGradient(),
                normalOf(4, 2, 41, 2, 6).to(dtype).requiringGradient(),
                normalOf(5, 2, 4, 5, 6).to(dtype).requiringGradient()
            };
            Scanned whole = StateSpaceDual.scan(new Inputs(in[0], in[1], in[2], in[3], in[4], null), 16);
            Scanned first = piece(0, 23, in[4], in);
            Scanned second = piece(23, 41, first.last(), in);
            Tensor expected = whole.y().square().sum().add(whole.last().square().sum());
            Tensor found = Concat.concat(1, first.y(), second.y())
                    .square()
                    .sum()
                    .add(second.last().square().sum());
            double tolerance = dtype == DType.FLOAT64 ? 1e-12 : 1e-5;
            assertEquals(expected.item(), found.item(), tolerance * expected.item());
            List<Tensor> wanted = Autograd.gradient(List.of(expected), List.of(in), false);
            List<Tensor> given = Autograd.gradient(List.of(found), List.of(in), false);
            for (int i = 0; i < in.length; i++) {
                double most = wanted.get(i).abs().max().item();
                assertArrayEquals(
                        wanted.get(i).toDoubleArray(), given.get(i).toDoubleArray(), tolerance * most, "input " + i);
            }
        }
    }

    private static Scanned piece(long from, long to, Tensor start, Tensor... in) {
        return StateSpaceDual.scan(
                new Inputs(
                        in[0].slice(1, from, to),
                        in[1].slice(1, from, to),
                        in[2].slice(1, from, to),
                        in[3].slice(1, from, to),
                        start,
                        null),
                16);
    }
}
