package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// A matrix in memory: element `(i, j)` stands at `offset + i·rowStride + j·columnStride`, all counted in elements
/// of whatever type the kernel works in. A transpose is the same memory with the strides exchanged.
public record Matrix(MemorySegment segment, long offset, long rowStride, long columnStride) {

    /// A dense or row-strided matrix with unit stride along its rows.
    public static Matrix rows(MemorySegment segment, long offset, long rowStride) {
        return new Matrix(segment, offset, rowStride, 1);
    }

    /// The same memory read with rows and columns exchanged.
    public Matrix transposed() {
        return new Matrix(segment, offset, columnStride, rowStride);
    }

    /// The place of element `(row, column)`, in elements.
    public long at(long row, long column) {
        return offset + row * rowStride + column * columnStride;
    }

    /// The part that begins at element `(row, column)`.
    public Matrix from(long row, long column) {
        return new Matrix(segment, at(row, column), rowStride, columnStride);
    }
}
