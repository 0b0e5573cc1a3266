package org.lehr.engine.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Values between Java arrays and tensors.
final class HostCopy {

    private HostCopy() {}

    static MemorySegment segment(float[] values) {
        return MemorySegment.ofArray(values);
    }

    static MemorySegment segment(double[] values) {
        return MemorySegment.ofArray(values);
    }

    static MemorySegment segment(long[] values) {
        return MemorySegment.ofArray(values);
    }

    static MemorySegment segment(int[] values) {
        return MemorySegment.ofArray(values);
    }

    static MemorySegment segment(boolean[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return MemorySegment.ofArray(bytes);
    }

    static Tensor in(MemorySegment values, DType dtype, long count, long... extents) {
        Shape shape = extents.length == 0 && count != 1 ? Shape.of(count) : Shape.of(extents);
        if (shape.size() != count) {
            throw new ShapeMismatchException("of: " + count + " values do not fill the shape " + shape);
        }
        Tensor tensor = Tensor.empty("of", Device.current(), dtype, shape);
        tensor.device().backend().upload(tensor.view(), values);
        return tensor;
    }

    static float[] floats(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.size())];
        out(tensor, DType.FLOAT32, MemorySegment.ofArray(values));
        return values;
    }

    static double[] doubles(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.size())];
        out(tensor, DType.FLOAT64, MemorySegment.ofArray(values));
        return values;
    }

    static long[] longs(Tensor tensor) {
        long[] values = new long[Math.toIntExact(tensor.size())];
        out(tensor, DType.INT64, MemorySegment.ofArray(values));
        return values;
    }

    static boolean[] booleans(Tensor tensor) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(tensor.size())]);
        out(tensor, DType.BOOL, bytes);
        boolean[] values = new boolean[Math.toIntExact(tensor.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes.get(ValueLayout.JAVA_BYTE, i) != 0;
        }
        return values;
    }

    /// Copies a tensor of any layout into host memory as dense elements of `dtype`.
    private static void out(Tensor tensor, DType dtype, MemorySegment host) {
        var backend = tensor.device().backend();
        View source = tensor.view();
        if (source.dtype() == dtype && source.isContiguous()) {
            backend.download(host, source);
            return;
        }
        Storage dense = backend.allocate(host.byteSize(), "to_array");
        try {
            View copy = View.rowMajor(dense, dtype, source.shape());
            backend.pointwise().copy(copy, source);
            backend.download(host, copy);
        } finally {
            dense.release();
        }
    }
}
