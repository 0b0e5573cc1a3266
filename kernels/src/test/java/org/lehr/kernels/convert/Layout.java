package org.lehr.kernels.convert;

import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Ways in which the elements of an array may stand in memory.
public enum Layout {
    DENSE,
    /// the dimensions in opposite order: a transposed array
    REVERSED,
    /// every third element of a larger array, from the second on
    GAPPED,
    /// the first dimension repeated by a stride of 0
    REPEATED,
    /// overlapping windows: each dimension moves by one element
    OVERLAPPING;

    /// An array of this shape in fresh memory, which is not filled.
    public View view(DType dtype, long... shape) {
        long[] strides = View.rowMajorStrides(shape);
        long offset = 0;
        switch (this) {
            case DENSE -> {}
            case REVERSED -> {
                long step = 1;
                for (int d = 0; d < shape.length; d++) {
                    strides[d] = step;
                    step *= Math.max(shape[d], 1);
                }
            }
            case GAPPED -> {
                offset = 1;
                Arrays.setAll(strides, d -> 3 * View.rowMajorStrides(shape)[d]);
            }
            case REPEATED -> {
                if (shape.length > 0) {
                    strides[0] = 0;
                }
            }
            case OVERLAPPING -> Arrays.fill(strides, 1);
        }
        long last = offset;
        for (int d = 0; d < shape.length; d++) {
            last += Math.max(shape[d] - 1, 0) * strides[d];
        }
        Storage storage = Pool.host().allocate((last + 1) * dtype.bytes(), "test");
        return new View(storage, dtype, offset, shape, strides);
    }
}
