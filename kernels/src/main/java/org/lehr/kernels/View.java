package org.lehr.kernels;

import java.util.Arrays;
import org.lehr.kernels.memory.Storage;

/// Elements of a storage, seen as an n-dimensional array: element `(i0, i1, ...)` stands at
/// `offset + i0·strides[0] + i1·strides[1] + ...`, counted in elements of `dtype`.
///
/// A stride of 0 repeats (broadcasting); strides may be negative never, overlapping only for reading.
/// The arrays belong to the view: whoever made it no longer writes to them.
public record View(Storage storage, DType dtype, long offset, long[] shape, long[] strides) {

    public View {
        if (shape.length != strides.length) {
            throw new IllegalArgumentException("view: shape " + Arrays.toString(shape) + " and strides "
                    + Arrays.toString(strides) + " differ in length");
        }
    }

    /// A row-major view over all of `storage`.
    public static View rowMajor(Storage storage, DType dtype, long... shape) {
        return new View(storage, dtype, 0, shape, rowMajorStrides(shape));
    }

    /// Strides of a dense row-major array of this shape, in elements.
    public static long[] rowMajorStrides(long[] shape) {
        long[] strides = new long[shape.length];
        long step = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= Math.max(shape[d], 1);
        }
        return strides;
    }

    /// Number of dimensions; 0 for a scalar.
    public int rank() {
        return shape.length;
    }

    /// Number of elements; 1 for a scalar, 0 when any dimension is empty.
    public long size() {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        return size;
    }

    /// Whether the elements stand densely in row-major order (dimensions of extent 1 may have any stride).
    public boolean isContiguous() {
        long step = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            if (shape[d] != 1 && strides[d] != step) {
                return size() == 0;
            }
            step *= shape[d];
        }
        return true;
    }

    /// The first element's place in bytes from the beginning of the storage's segment.
    public long byteOffset() {
        return offset * dtype.bytes();
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }
}
