package org.lehr.engine.tensor.op;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// The dimensions that a reduction runs over.
final class Dimensions {

    private Dimensions() {}

    /// `dimensions` counted from the front, ascending; all of `shape` when none are named.
    static int[] normalize(String operation, Shape shape, int... dimensions) {
        if (dimensions.length == 0) {
            return IntStream.range(0, shape.rank()).toArray();
        }
        int[] counted = Arrays.stream(dimensions)
                .map(dimension -> shape.dimension(dimension, operation))
                .sorted()
                .toArray();
        for (int i = 1; i < counted.length; i++) {
            if (counted[i] == counted[i - 1]) {
                throw new ShapeMismatchException(operation + ": dimension " + counted[i] + " of " + shape
                        + " is named twice in " + Arrays.toString(dimensions));
            }
        }
        return counted;
    }

    /// `shape` with `dimensions` set to 1.
    static Shape reduced(Shape shape, int... dimensions) {
        long[] extents = shape.toArray();
        for (int dimension : dimensions) {
            extents[dimension] = 1;
        }
        return Shape.of(extents);
    }

    /// `kept` without `dimensions`, whose extents are 1.
    static Tensor drop(Tensor kept, int... dimensions) {
        long[] extents = IntStream.range(0, kept.rank())
                .filter(d -> Arrays.binarySearch(dimensions, d) < 0)
                .mapToLong(kept::extent)
                .toArray();
        return extents.length == kept.rank() ? kept : kept.reshape(extents);
    }
}
