package org.lehr.kernels.reduction;

/// A position in a strided array that moves in row-major order; offsets count elements. For one thread.
final class Walk {

    private final long[] shape;
    private final long[] strides;
    private final long[] index;
    private long offset;

    /// Starts at the first element.
    Walk(long[] shape, long[] strides) {
        this.shape = shape;
        this.strides = strides;
        this.index = new long[shape.length];
    }

    /// Where the current element stands, from the array's first.
    long offset() {
        return offset;
    }

    /// Goes to the element of this row-major number.
    void seek(long position) {
        long rest = position;
        offset = 0;
        for (int d = shape.length - 1; d >= 0; d--) {
            index[d] = rest % shape[d];
            rest /= shape[d];
            offset += index[d] * strides[d];
        }
    }

    /// Goes on by one element; after the last comes the first.
    void next() {
        for (int d = shape.length - 1; d >= 0; d--) {
            offset += strides[d];
            if (++index[d] < shape[d]) {
                return;
            }
            offset -= shape[d] * strides[d];
            index[d] = 0;
        }
    }

    /// Goes on by `count` elements, at most [#run].
    void advance(long count) {
        if (shape.length == 0) {
            return;
        }
        int last = shape.length - 1;
        index[last] += count - 1;
        offset += (count - 1) * strides[last];
        next();
    }

    /// How many elements, this one included, are left in the innermost dimension; 1 for a scalar.
    long run() {
        int last = shape.length - 1;
        return last < 0 ? 1 : shape[last] - index[last];
    }

    /// The stride of the innermost dimension; 1 for a scalar.
    long step() {
        return strides.length == 0 ? 1 : strides[strides.length - 1];
    }
}
