package org.lehr.bench.harness;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.lehr.bench.Operation;
import org.lehr.bench.TorchBridge;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// An operation made ready to be called again and again.
final class OperationCalls {

    private static final long SEED = 20261121;

    private OperationCalls() {}

    static Runnable of(Operation operation, Variant variant) {
        Tensor[] inputs = operation.inputs().from(new RandomStream(SEED));
        return switch (variant) {
            case LEHR -> ours(operation, leaves(operation, inputs));
            case OPENBLAS -> operation.blas().on(inputs[0], inputs[1]);
            case TORCH, TORCH_WITHOUT_ONEDNN, TORCH_BLAS_ON_ONE_THREAD, TORCH_ON_ONE_THREAD ->
                theirs(operation, copies(operation, inputs));
        };
    }

    static Tensor[] leaves(Operation operation, Tensor... inputs) {
        return Arrays.stream(inputs)
                .map(x -> operation.backward() && x.dtype().isFloating() ? x.requiringGradient() : x)
                .toArray(Tensor[]::new);
    }

    static org.bytedeco.pytorch.Tensor[] copies(Operation operation, Tensor... inputs) {
        return Arrays.stream(inputs)
                .map(x -> TorchBridge.copy(x)
                        .set_requires_grad(operation.backward() && x.dtype().isFloating()))
                .toArray(org.bytedeco.pytorch.Tensor[]::new);
    }

    /// The gradient of a result like this one.
    static Tensor seed(Tensor result) {
        return new RandomStream(SEED + 1).normal(result.dtype(), result.shape().toArray());
    }

    static void backward(org.bytedeco.pytorch.Tensor result, org.bytedeco.pytorch.Tensor seed) {
        result.backward(seed, new BoolOptional(false), false, new TensorArrayRefOptional());
    }

    /// The first call is made here: an operation may make then what lasts.
    private static Runnable ours(Operation operation, Tensor... leaves) {
        Tensor first = operation.ours().of(leaves);
        if (!operation.backward()) {
            return () -> {
                try (var _ = Scope.open()) {
                    operation.ours().of(leaves).view();
                }
            };
        }
        Tensor seed = seed(first);
        return () -> {
            try (var _ = Scope.open()) {
                operation.ours().of(leaves).backward(seed, false);
            }
            for (Tensor leaf : leaves) {
                if (leaf.gradient() != null) {
                    leaf.gradient().view().storage().release();
                    leaf.setGradient(null);
                }
            }
        };
    }

    private static Runnable theirs(Operation operation, org.bytedeco.pytorch.Tensor... leaves) {
        org.bytedeco.pytorch.Tensor first = operation.theirs().of(leaves);
        if (!operation.backward()) {
            return () -> {
                try (var _ = new PointerScope()) {
                    operation.theirs().of(leaves);
                }
            };
        }
        org.bytedeco.pytorch.Tensor seed =
                TorchBridge.copy(new RandomStream(SEED + 1).normal(dtype(first), TorchBridge.extents(first)));
        return () -> {
            try (var _ = new PointerScope()) {
                backward(operation.theirs().of(leaves), seed);
                for (org.bytedeco.pytorch.Tensor leaf : leaves) {
                    leaf.mutable_grad().reset();
                }
            }
        };
    }

    private static org.lehr.kernels.DType dtype(org.bytedeco.pytorch.Tensor tensor) {
        return tensor.element_size() == Double.BYTES ? org.lehr.kernels.DType.FLOAT64 : org.lehr.kernels.DType.FLOAT32;
    }
}
