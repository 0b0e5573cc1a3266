package org.lehr.bench.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.lehr.bench.TorchBridge;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// One operation in both engines: equal results, and equal gradients of every floating input for a random gradient of
/// the result, in float32 and float64.
///
/// Tolerance: `64·ε·√n·max(1, largest expected)`, where `n` is how many terms the longest sum has.
final class Parity {

    static {
        torch.set_num_threads(1);
    }

    /// An operation of Lehr.
    @FunctionalInterface
    interface Ours {
        Tensor of(Tensor... inputs);
    }

    /// The same one of libtorch.
    @FunctionalInterface
    interface Theirs {
        org.bytedeco.pytorch.Tensor of(org.bytedeco.pytorch.Tensor... inputs);
    }

    private final RandomStream random = new RandomStream(20261120);
    private final List<DynamicTest> tests = new ArrayList<>();

    Stream<DynamicTest> tests() {
        return tests.stream();
    }

    /// Standard normal numbers; from rank 2 on, `strided` ones are a transposed view.
    Tensor normal(DType dtype, boolean strided, long... extents) {
        if (!strided || extents.length < 2) {
            return random.normal(dtype, extents);
        }
        long[] swapped = extents.clone();
        swapped[extents.length - 1] = extents[extents.length - 2];
        swapped[extents.length - 2] = extents[extents.length - 1];
        return random.normal(dtype, swapped).transpose(-1, -2);
    }

    /// Adds tests with random inputs of these shapes, dense and strided.
    void add(String name, long sum, Ours ours, Theirs theirs, long[]... shapes) {
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
            for (boolean strided : new boolean[] {false, true}) {
                String title = name + " " + dtype + " " + Arrays.deepToString(shapes) + (strided ? " strided" : "");
                tests.add(DynamicTest.dynamicTest(title, () -> {
                    Tensor[] inputs = Arrays.stream(shapes)
                            .map(shape -> normal(dtype, strided, shape))
                            .toArray(Tensor[]::new);
                    compare(title, sum, ours, theirs, inputs);
                }));
            }
        }
    }

    /// Adds tests of the result alone for zeros, infinities, NaN, and the ends of the range.
    void special(String name, Ours ours, Theirs theirs) {
        double[] places = {
            0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e30, -1e30, 1e-30, -50
        };
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
            String title = name + " " + dtype + " of special values";
            tests.add(DynamicTest.dynamicTest(title, () -> {
                Tensor x = Tensor.of(places).to(dtype);
                try (var _ = new PointerScope()) {
                    equal(title, 1, theirs.of(TorchBridge.copy(x)), ours.of(x));
                }
            }));
        }
    }

    static void compare(String title, long sum, Ours ours, Theirs theirs, Tensor... inputs) {
        Tensor[] mine = Arrays.stream(inputs)
                .map(input -> input.dtype().isFloating() ? input.requiringGradient() : input)
                .toArray(Tensor[]::new);
        try (var _ = new PointerScope()) {
            org.bytedeco.pytorch.Tensor[] peers = Arrays.stream(inputs)
                    .map(input -> TorchBridge.copy(input)
                            .set_requires_grad(input.dtype().isFloating()))
                    .toArray(org.bytedeco.pytorch.Tensor[]::new);
            Tensor result = ours.of(mine);
            org.bytedeco.pytorch.Tensor expected = theirs.of(peers);
            equal(title, sum, expected, result);
            if (!result.requiresGradient()) {
                return;
            }
            Tensor seed =
                    new RandomStream(7).normal(result.dtype(), result.shape().toArray());
            result.backward(seed, false);
            expected.backward(TorchBridge.copy(seed), new BoolOptional(false), false, new TensorArrayRefOptional());
            for (int i = 0; i < mine.length; i++) {
                if (mine[i].dtype().isFloating()) {
                    equal(title + ", gradient " + i, sum, peers[i].grad(), orZeros(mine[i]));
                }
            }
        }
    }

    /// A gradient that is zero everywhere may stay away.
    private static Tensor orZeros(Tensor leaf) {
        return leaf.gradient() == null ? leaf.detach().fullLike(0) : leaf.gradient();
    }

    /// Fails unless shapes agree and all elements are within the tolerance; NaN and infinities must be the same.
    static void equal(String title, long sum, org.bytedeco.pytorch.Tensor expected, Tensor actual) {
        assertArrayEquals(TorchBridge.extents(expected), actual.shape().toArray(), title + ": shape");
        double[] wanted = TorchBridge.values(expected);
        double[] found = actual.toDoubleArray();
        double largest = Arrays.stream(wanted)
                .map(Math::abs)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        double epsilon = actual.dtype() == DType.FLOAT64 ? 0x1p-52 : 0x1p-23;
        double tolerance =
                actual.dtype().isFloating() ? 64 * epsilon * Math.sqrt(Math.max(1, sum)) * Math.max(1, largest) : 0;
        for (int i = 0; i < wanted.length; i++) {
            if (Double.isFinite(wanted[i])) {
                assertEquals(wanted[i], found[i], tolerance, title + ": element " + i);
            } else {
                assertEquals(wanted[i], found[i], title + ": element " + i);
            }
        }
    }
}
