package org.lehr.bench;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lehr.engine.tensor.Tensor;

/// Copies tensors between the two engines.
public final class TorchBridge {

    private TorchBridge() {}

    /// A dense copy in libtorch, of the same dtype.
    public static org.bytedeco.pytorch.Tensor copy(Tensor tensor) {
        org.bytedeco.pytorch.Tensor flat = switch (tensor.dtype()) {
            case FLOAT32 -> torch.tensor(tensor.toFloatArray());
            case FLOAT64 -> doubles(tensor.toDoubleArray());
            case INT64 -> torch.tensor(tensor.toLongArray());
            case BOOL -> torch.tensor(tensor.toLongArray()).to(ScalarType.Bool);
            default -> throw new IllegalArgumentException("bridge: no copy of " + tensor);
        };
        return flat.reshape(tensor.shape().toArray());
    }

    private static org.bytedeco.pytorch.Tensor doubles(double[] values) {
        org.bytedeco.pytorch.Tensor flat = torch.zeros(values.length).to(ScalarType.Double);
        if (values.length > 0) {
            flat.data_ptr_double().put(values);
        }
        return flat;
    }

    /// The elements in row-major order.
    public static double[] values(org.bytedeco.pytorch.Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.numel())];
        if (values.length > 0) {
            tensor.detach().to(ScalarType.Double).contiguous().data_ptr_double().get(values);
        }
        return values;
    }

    public static long[] extents(org.bytedeco.pytorch.Tensor tensor) {
        long[] extents = new long[Math.toIntExact(tensor.dim())];
        for (int d = 0; d < extents.length; d++) {
            extents[d] = tensor.size(d);
        }
        return extents;
    }
}
