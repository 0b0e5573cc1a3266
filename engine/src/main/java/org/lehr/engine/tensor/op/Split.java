package org.lehr.engine.tensor.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// A tensor cut along a dimension.
public final class Split {

    private Split() {}

    /// Views of `extents` elements of `dimension` each, which together are all of it. `x [n + m, ...] → [n, ...],
    /// [m, ...]`
    public static List<Tensor> split(Tensor x, int dimension, long... extents) {
        if (Arrays.stream(extents).sum() != x.extent(dimension)) {
            throw new ShapeMismatchException("split: " + Arrays.toString(extents) + " do not add up to dimension "
                    + dimension + " of " + x.shape());
        }
        List<Tensor> parts = new ArrayList<>();
        long from = 0;
        for (long extent : extents) {
            parts.add(x.slice(dimension, from, from + extent));
            from += extent;
        }
        return List.copyOf(parts);
    }

    /// `count` views of equal extent.
    public static List<Tensor> even(Tensor x, int dimension, int count) {
        if (count < 1 || x.extent(dimension) % count != 0) {
            throw new ShapeMismatchException(
                    "split: dimension " + dimension + " of " + x.shape() + " has no " + count + " equal parts");
        }
        long[] extents = new long[count];
        Arrays.fill(extents, x.extent(dimension) / count);
        return split(x, dimension, extents);
    }
}
