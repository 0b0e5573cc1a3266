package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// A tensor `[..., n]` seen as dense rows `[count, n]`, for kernels that work along the last dimension.
record Rows(long count, long width) {

    /// The rows of the first input, which must be floating and have a dimension.
    static Rows of(String operation, Call call) {
        requireFloating(operation, call);
        if (call.shape(0).rank() == 0) {
            throw new ShapeMismatchException(operation + ": needs at least one dimension, got a scalar");
        }
        long width = call.shape(0).extent(-1);
        return new Rows(call.shape(0).slice(0, call.shape(0).rank() - 1).size(), width);
    }

    /// Throws unless the first input is floating.
    static void requireFloating(String operation, Call call) {
        if (!call.dtype(0).isFloating()) {
            throw new DTypeMismatchException(operation + ": needs a floating dtype, got " + call.dtype(0));
        }
    }

    /// `tensor` as `[count, n]`, copied when it is not dense.
    View flat(Tensor tensor) {
        View dense = tensor.contiguous().view();
        return new View(
                dense.storage(), dense.dtype(), dense.offset(), new long[] {count, width}, new long[] {width, 1});
    }

    /// What row statistics of `dtype` are kept in.
    static DType statistics(DType dtype) {
        return dtype == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }

    /// `x [..., n]`, copied unless neighbours along the last dimension are next to each other in memory.
    static Tensor adjacent(Tensor x) {
        return x.extent(-1) <= 1 || x.layout().strides()[x.rank() - 1] == 1 ? x : x.contiguous();
    }

    /// The elements of a dense tensor from number `from` on as a tensor of this shape, in the same memory.
    static View part(Tensor dense, long from, Shape shape) {
        View view = dense.view();
        long[] extents = shape.toArray();
        return new View(view.storage(), view.dtype(), view.offset() + from, extents, View.rowMajorStrides(extents));
    }
}
