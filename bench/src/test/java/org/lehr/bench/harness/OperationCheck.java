package org.lehr.bench.harness;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.lehr.bench.BlasProduct;
import org.lehr.bench.Operation;
import org.lehr.bench.TorchBridge;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Compares results, and gradients where the row has them, of the engines before anything is timed.
final class OperationCheck {

    private OperationCheck() {}

    /// @throws IllegalStateException when the two do not agree
    static void check(Operation row) {
        try (var _ = Scope.open();
                var _ = new PointerScope()) {
            Tensor[] inputs = row.inputs().from(new RandomStream(1));
            Tensor[] mine = OperationCalls.leaves(row, inputs);
            org.bytedeco.pytorch.Tensor[] peers = OperationCalls.copies(row, inputs);
            BlasProduct.Call product = row.blas() == null ? null : row.blas().on(inputs[0], inputs[1]);
            Tensor result = row.ours().of(mine);
            org.bytedeco.pytorch.Tensor expected = row.theirs().of(peers);
            equal(row, "the result", TorchBridge.values(expected), result.toDoubleArray(), result.dtype());
            if (product != null) {
                product.run();
                equal(row, "OpenBLAS's result", TorchBridge.values(expected), product.result(), result.dtype());
            }
            if (row.backward()) {
                Tensor seed = OperationCalls.seed(result);
                result.backward(seed, false);
                OperationCalls.backward(expected, TorchBridge.copy(seed));
                for (int i = 0; i < mine.length; i++) {
                    if (mine[i].requiresGradient()) {
                        equal(
                                row,
                                "gradient " + i,
                                TorchBridge.values(peers[i].grad()),
                                mine[i].gradient().toDoubleArray(),
                                result.dtype());
                    }
                }
            }
        }
    }

    private static void equal(Operation row, String what, double[] expected, double[] found, DType dtype) {
        if (expected.length != found.length) {
            throw new IllegalStateException(
                    row.name() + ": " + what + " has " + found.length + " elements, the peer's " + expected.length);
        }
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        double epsilon = dtype == DType.FLOAT64 ? 0x1p-52 : 0x1p-23;
        double tolerance = 64 * epsilon * Math.sqrt(row.sum()) * Math.max(1, largest);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - found[i]) <= tolerance)) {
                throw new IllegalStateException(row.name() + ": element " + i + " of " + what + " is " + found[i]
                        + ", the peer's is " + expected[i] + " (tolerance " + tolerance + ")");
            }
        }
    }
}
