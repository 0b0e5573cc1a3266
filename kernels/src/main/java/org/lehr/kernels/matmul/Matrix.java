package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// A matrix in memory: element `(i, j)` stands at `offset + i·rowStride + j·columnStride`, all counted in elements
/// of whatever type the kernel works in. A transpose is the same memory with the strides exchanged.
///
/// @param halves whether the elements are bfloat16, for a product in float32 that widens them as it brings them into
/// place
public record Matrix(MemorySegment segment, long offset, long rowStride, long columnStride, boolean halves) {

    /// A dense or row-strided matrix with unit stride along its rows.
    public static Matrix rows(MemorySegment segment, long offset, long rowStride) {
        return new Matrix(segment, offset, rowStride, 1, false);
    }

    /// The same memory read with rows and columns exchanged.
    public Matrix transposed() {
        return new Matrix(segment, offset, columnStride, rowStride, halves);
    }

    /// The place of element `(row, column)`, in elements.
    public long at(long row, long column) {
        return offset + row * rowStride + column * columnStride;
    }

    /// The part that begins at element `(row, column)`.
    public Matrix from(long row, long column) {
        return new Matrix(segment, at(row, column), rowStride, columnStride, halves);
    }
}
