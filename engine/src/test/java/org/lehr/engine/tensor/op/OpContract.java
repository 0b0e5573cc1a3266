package org.lehr.engine.tensor.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.autograd.GradientCheck;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.parallel.Workers;

/// What every operation promises. A test of an operation implements it and says how the operation is used.
interface OpContract {

    /// Uses of the operations under test.
    Stream<Sample> samples();

    /// Wrong uses.
    Stream<Refusal> refusals();

    @TestFactory
    default Stream<DynamicTest> gradientsAreThoseOfCentralDifferences() {
        return each(Sample.Kind.SMOOTH, s -> GradientCheck.within(1e-6).first(s.function(), s.inputs()));
    }

    @TestFactory
    default Stream<DynamicTest> secondGradientsAreThoseOfCentralDifferences() {
        return each(Sample.Kind.SMOOTH, s -> GradientCheck.within(1e-5).second(s.function(), s.inputs()));
    }

    @TestFactory
    default Stream<DynamicTest> theGraphOfAGradientHasTheSameGradient() {
        return each(Sample.Kind.SMOOTH, s -> {
            List<double[]> plain = gradients(s.function(), false, s.inputs());
            List<double[]> recorded = gradients(s.function(), true, s.inputs());
            assertClose(plain, recorded, 1e-10);
        });
    }

    @TestFactory
    default Stream<DynamicTest> stridedInputsGiveTheSame() {
        return each(null, s -> sameFor(s, OpContract::strided, UnaryOperator.identity()));
    }

    @TestFactory
    default Stream<DynamicTest> overlappingInputsGiveTheSame() {
        return each(null, s -> sameFor(s, OpContract::overlapping, x -> dense(overlapping(x))));
    }

    @TestFactory
    default Stream<DynamicTest> emptyInputsAndSingleElements() {
        return samples()
                .filter(s -> !s.edges().isEmpty())
                .map(s -> dynamicTest(s.label(), () -> {
                    for (Tensor[] edge : s.edges()) {
                        Recording.off(() -> s.function().apply(edge));
                        if (s.kind() != Sample.Kind.CONSTANT) {
                            GradientCheck.within(1e-6).first(s.function(), edge);
                        }
                    }
                }));
    }

    @TestFactory
    default Stream<DynamicTest> float32IsCloseToFloat64() {
        return each(null, s -> {
            Tensor[] narrow = changed(x -> x.to(DType.FLOAT32), s.inputs());
            Tensor[] wide = changed(x -> x.to(DType.FLOAT64), narrow);
            double tolerance = Math.ulp(1f) * (8 + 4 * Math.sqrt(longest(s.inputs())));
            assertArrayEquals(
                    s.function().apply(wide).toDoubleArray(),
                    s.function().apply(narrow).toDoubleArray(),
                    tolerance * largest(s.function().apply(wide)));
            if (s.kind() == Sample.Kind.SMOOTH) {
                List<double[]> exact = gradients(s.function(), false, wide);
                double most = exact.stream()
                        .flatMapToDouble(Arrays::stream)
                        .map(Math::abs)
                        .max()
                        .orElse(0);
                assertClose(exact, gradients(s.function(), false, narrow), 4 * tolerance * (1 + most));
            }
        });
    }

    /// bfloat16 is computed in float32 and rounded at the end of each operation.
    @TestFactory
    default Stream<DynamicTest> bfloat16IsCloseToFloat64() {
        return each(null, s -> {
            Tensor[] narrow = changed(x -> x.to(DType.BFLOAT16), s.inputs());
            Tensor[] wide = changed(x -> x.to(DType.FLOAT64), narrow);
            Tensor exact = s.function().apply(wide);
            assertArrayEquals(
                    exact.toDoubleArray(),
                    s.function().apply(narrow).toDoubleArray(),
                    0x1p-8 * (2 + Math.sqrt(longest(s.inputs())) / 4) * largest(exact));
        });
    }

    @TestFactory
    default Stream<DynamicTest> anyNumberOfThreadsGivesTheSameBits() {
        return each(null, s -> {
            Tensor[] inputs = changed(x -> x.to(DType.FLOAT32), s.inputs());
            List<double[]> one = Workers.with(1, () -> everything(s, inputs));
            for (int threads : new int[] {2, 5}) {
                List<double[]> more = Workers.with(threads, () -> everything(s, inputs));
                for (int i = 0; i < one.size(); i++) {
                    assertArrayEquals(one.get(i), more.get(i), threads + " threads, tensor " + i);
                }
            }
        });
    }

    @TestFactory
    default Stream<DynamicTest> wrongUsesAreRefusedWithNamesAndSizes() {
        return refusals()
                .map(refusal -> dynamicTest(refusal.label(), () -> {
                    Exception thrown =
                            assertThrows(refusal.type(), () -> refusal.use().get());
                    for (String fragment : refusal.fragments()) {
                        assertTrue(
                                thrown.getMessage().contains(fragment),
                                () -> "'" + fragment + "' is not in: " + thrown.getMessage());
                    }
                }));
    }

    /// A consumer that may throw, so that checks read as statements.
    @FunctionalInterface
    interface Check {
        void on(Sample sample);
    }

    private Stream<DynamicTest> each(Sample.Kind kind, Check check) {
        return samples()
                .filter(s -> kind == null || s.kind() == kind)
                .map(s -> dynamicTest(s.label(), () -> check.on(s)));
    }

    private static void sameFor(Sample s, UnaryOperator<Tensor> layout, UnaryOperator<Tensor> oracle) {
        Tensor[] views = changed(layout, s.inputs());
        Tensor[] copies = changed(oracle, s.inputs());
        Tensor seen = s.function().apply(views);
        Tensor expected = s.function().apply(copies);
        assertEquals(expected.shape(), seen.shape());
        assertEquals(expected.dtype(), seen.dtype());
        assertArrayEquals(expected.toDoubleArray(), seen.toDoubleArray(), 1e-12 * largest(expected));
        if (s.kind() == Sample.Kind.SMOOTH) {
            assertClose(gradients(s.function(), false, copies), gradients(s.function(), false, views), 1e-10);
        }
    }

    /// The result and, where there are any, the gradients.
    private static List<double[]> everything(Sample s, Tensor... inputs) {
        List<double[]> all = new ArrayList<>(List.of(s.function().apply(inputs).toDoubleArray()));
        if (s.kind() != Sample.Kind.CONSTANT) {
            all.addAll(gradients(s.function(), false, inputs));
        }
        return all;
    }

    /// The gradients of the sum of squares of the result, so that each element's gradient depends on its value.
    private static List<double[]> gradients(Function<Tensor[], Tensor> function, boolean graph, Tensor... inputs) {
        Tensor[] leaves = inputs.clone();
        List<Tensor> wanted = new ArrayList<>();
        for (int i = 0; i < leaves.length; i++) {
            if (leaves[i].dtype().isFloating()) {
                leaves[i] = leaves[i].requiringGradient();
                wanted.add(leaves[i]);
            }
        }
        Tensor y = function.apply(leaves);
        List<Tensor> found = Autograd.gradient(List.of(y.square().sum()), wanted, graph);
        for (int i = 0; i < found.size(); i++) {
            assertEquals(wanted.get(i).shape(), found.get(i).shape(), "shape of gradient " + i);
            assertEquals(wanted.get(i).dtype(), found.get(i).dtype(), "dtype of gradient " + i);
        }
        return found.stream().map(Tensor::toDoubleArray).toList();
    }

    private static void assertClose(List<double[]> expected, List<double[]> actual, double tolerance) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            double[] a = expected.get(i);
            for (int e = 0; e < a.length; e++) {
                assertEquals(a[e], actual.get(i)[e], tolerance * (1 + Math.abs(a[e])), "gradient " + i + " at " + e);
            }
        }
    }

    private static Tensor[] changed(UnaryOperator<Tensor> change, Tensor... inputs) {
        return Arrays.stream(inputs)
                .map(x -> {
                    Tensor y = change.apply(x);
                    return x.dtype().isFloating() || y.dtype() == x.dtype() ? y : x;
                })
                .toArray(Tensor[]::new);
    }

    /// The same numbers with their dimensions in reverse order in memory, and a gap between neighbours.
    private static Tensor strided(Tensor x) {
        if (x.rank() == 0) {
            return x;
        }
        int[] reverse = new int[x.rank()];
        for (int d = 0; d < reverse.length; d++) {
            reverse[d] = reverse.length - 1 - d;
        }
        Shape turned = x.permute(reverse).shape();
        Tensor memory = Tensor.empty("strided", x.device(), x.dtype(), turned.with(-1, 2 * turned.extent(-1) + 1));
        memory.fill(0);
        Tensor place = Slice.slice(memory, -1, 1, 2 * turned.extent(-1) + 1, 2);
        place.copyFrom(x.permute(reverse));
        return place.permute(reverse);
    }

    /// The first element of the last dimension, repeated by a stride of 0.
    private static Tensor overlapping(Tensor x) {
        return x.rank() == 0 || x.size() == 0
                ? x
                : x.slice(-1, 0, 1).expand(x.shape().toArray());
    }

    private static Tensor dense(Tensor x) {
        return x.isContiguous() ? x : Tensor.apply(new Contiguous(), x);
    }

    private static double largest(Tensor y) {
        return Arrays.stream(y.toDoubleArray())
                .map(Math::abs)
                .filter(Double::isFinite)
                .reduce(1, Math::max);
    }

    private static long longest(Tensor... inputs) {
        return Arrays.stream(inputs).mapToLong(Tensor::size).max().orElse(1);
    }
}
