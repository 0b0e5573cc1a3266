package org.lehr.engine.tensor;

import java.util.Arrays;
import org.lehr.engine.tensor.op.Sum;
import org.lehr.kernels.View;

/// Stretching dimensions of extent 1, and summing them back.
public final class Broadcast {

    private Broadcast() {}

    /// `tensor` as a view of `shape`, its missing and 1-sized dimensions repeated by strides of 0.
    public static Tensor expand(String operation, Tensor tensor, Shape shape) {
        if (tensor.shape().equals(shape)) {
            return tensor;
        }
        View view = tensor.layout();
        int rank = shape.rank();
        int shift = rank - view.rank();
        long[] strides = new long[rank];
        if (shift < 0) {
            throw mismatch(operation, tensor, shape);
        }
        for (int d = shift; d < rank; d++) {
            long extent = view.shape()[d - shift];
            if (extent == shape.extent(d)) {
                strides[d] = view.strides()[d - shift];
            } else if (extent != 1) {
                throw mismatch(operation, tensor, shape);
            }
        }
        return new Tensor(
                new View(view.storage(), view.dtype(), view.offset(), shape.toArray(), strides), tensor.device());
    }

    /// `gradient` summed over the dimensions that broadcasting from `shape` repeated. Recorded.
    public static Tensor reduceTo(Tensor gradient, Shape shape) {
        if (gradient.shape().equals(shape)) {
            return gradient;
        }
        int shift = gradient.rank() - shape.rank();
        int[] dimensions = new int[gradient.rank()];
        int count = 0;
        for (int d = 0; d < gradient.rank(); d++) {
            if (d < shift || shape.extent(d - shift) == 1 && gradient.extent(d) != 1) {
                dimensions[count++] = d;
            }
        }
        Tensor summed = count == 0 ? gradient : Sum.sum(gradient, true, Arrays.copyOf(dimensions, count));
        return summed.reshape(shape.toArray());
    }

    private static ShapeMismatchException mismatch(String operation, Tensor tensor, Shape shape) {
        return new ShapeMismatchException(operation + ": " + tensor.shape() + " does not broadcast to " + shape);
    }
}
