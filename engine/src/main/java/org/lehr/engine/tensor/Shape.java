package org.lehr.engine.tensor;

import java.util.Arrays;

/// The extents of an array, outermost first. `[]` is a scalar.
public final class Shape {

    /// The shape of a single number.
    public static final Shape SCALAR = new Shape();

    private final long[] extents;

    private Shape(long... extents) {
        this.extents = extents;
    }

    /// A shape of these extents; a negative one is an `IllegalArgumentException`.
    public static Shape of(long... extents) {
        long size = 1;
        for (long extent : extents) {
            if (extent < 0) {
                throw new IllegalArgumentException(
                        "shape: extents must not be negative, got " + Arrays.toString(extents));
            }
            try {
                size = Math.multiplyExact(size, Math.max(extent, 1));
            } catch (ArithmeticException overflow) {
                throw new IllegalArgumentException(
                        "shape: more elements than a 64-bit number counts: " + Arrays.toString(extents), overflow);
            }
        }
        return new Shape(extents.clone());
    }

    /// Number of dimensions.
    public int rank() {
        return extents.length;
    }

    /// Number of elements; 1 for a scalar.
    public long size() {
        long size = 1;
        for (long extent : extents) {
            size *= extent;
        }
        return size;
    }

    /// The extent of a dimension; negative dimensions count from the end.
    public long extent(int dimension) {
        return extents[dimension(dimension, "shape")];
    }

    /// `dimension` counted from the front, or an `IndexOutOfBoundsException` naming `operation`.
    public int dimension(int dimension, String operation) {
        int rank = extents.length;
        int counted = dimension < 0 ? dimension + rank : dimension;
        if (counted < 0 || counted >= rank) {
            throw new IndexOutOfBoundsException(
                    operation + ": dimension " + dimension + " is not one of the " + rank + " of " + this);
        }
        return counted;
    }

    /// A copy of the extents.
    public long[] toArray() {
        return extents.clone();
    }

    /// This shape with one extent replaced; `dimension` may be negative.
    public Shape with(int dimension, long extent) {
        long[] copy = extents.clone();
        copy[dimension(dimension, "shape")] = extent;
        return of(copy);
    }

    /// The dimensions from `from` (inclusive) to `to` (exclusive), both counted from the front.
    public Shape slice(int from, int to) {
        return new Shape(Arrays.copyOfRange(extents, from, to));
    }

    /// This shape followed by `next`.
    public Shape then(Shape next) {
        long[] joined = Arrays.copyOf(extents, extents.length + next.extents.length);
        System.arraycopy(next.extents, 0, joined, extents.length, next.extents.length);
        return new Shape(joined);
    }

    /// The shape that both broadcast to, aligned at the last dimension: extents are equal or one of them is 1.
    public static Shape broadcast(String operation, Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        long[] extents = new long[rank];
        for (int d = 1; d <= rank; d++) {
            long x = d <= a.rank() ? a.extents[a.rank() - d] : 1;
            long y = d <= b.rank() ? b.extents[b.rank() - d] : 1;
            if (x != y && x != 1 && y != 1) {
                throw new ShapeMismatchException(operation + ": shapes do not broadcast: " + a + " and " + b);
            }
            extents[rank - d] = x == 1 ? y : x;
        }
        return new Shape(extents);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extents);
    }

    /// The extents in brackets: `[8, 384]`.
    @Override
    public String toString() {
        return Arrays.toString(extents);
    }
}
