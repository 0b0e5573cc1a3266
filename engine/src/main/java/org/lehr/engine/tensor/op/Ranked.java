package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Values in order, and where along their dimension each came from.
///
/// @param values of the dtype of what was ordered; gradients flow through them
/// @param indices int64, of the same shape
public record Ranked(Tensor values, Tensor indices) {

    /// Ties stay in their order, also when `descending`; NaN counts as the largest number.
    /// `x [..., n, ...] → values [..., n, ...], indices int64 [..., n, ...]`
    public static Ranked sort(Tensor x, int dimension, boolean descending) {
        int place = x.shape().dimension(dimension, "sort");
        return along(
                x,
                place,
                x.extent(place),
                (values, indices, rows) ->
                        x.device().backend().reductions().sort(values.view(), indices.view(), rows.view(), descending));
    }

    /// The `k` largest (or smallest), in order; ties by smaller index; NaN counts as the largest number.
    /// `x [..., n, ...] → values [..., k, ...], indices int64 [..., k, ...]`
    public static Ranked topK(Tensor x, int dimension, long k, boolean largest) {
        int place = x.shape().dimension(dimension, "top_k");
        if (k < 0 || k > x.extent(place)) {
            throw new IndexOutOfBoundsException(
                    "top_k: k = " + k + " is not in [0, " + x.extent(place) + "] for " + x.shape());
        }
        return along(
                x,
                place,
                k,
                (values, indices, rows) ->
                        x.device().backend().reductions().topK(values.view(), indices.view(), rows.view(), largest));
    }

    /// A kernel that ranks the rows of a matrix.
    @FunctionalInterface
    private interface RowKernel {
        void rank(Tensor values, Tensor indices, Tensor rows);
    }

    private static Ranked along(Tensor x, int place, long k, RowKernel kernel) {
        Tensor last = x.detach().transpose(place, -1);
        Shape outer = last.shape().slice(0, x.rank() - 1);
        Tensor rows = last.reshape(outer.size(), x.extent(place)).contiguous();
        Tensor values = Tensor.empty("rank", x.device(), x.dtype(), Shape.of(outer.size(), k));
        Tensor indices = Tensor.empty("rank", x.device(), DType.INT64, Shape.of(outer.size(), k));
        kernel.rank(values, indices, rows);
        long[] shape = outer.then(Shape.of(k)).toArray();
        Tensor places = indices.reshape(shape).transpose(place, -1);
        boolean recorded = x.requiresGradient() && Recording.isOn();
        return new Ranked(
                recorded
                        ? Gather.gather(x, place, places)
                        : values.reshape(shape).transpose(place, -1),
                places);
    }
}
