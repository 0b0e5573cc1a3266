package org.lehr.kernels.matmul;

import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// A view of rank ≥ 2 seen as a stack of matrices `[..., rows, columns]`.
record Stack(View view) {

    Stack {
        if (view.rank() < 2) {
            throw new IllegalArgumentException("matmul: a matrix has at least two dimensions, got " + view);
        }
    }

    long rows() {
        return view.shape()[view.rank() - 2];
    }

    long columns() {
        return view.shape()[view.rank() - 1];
    }

    long rowStride() {
        return view.strides()[view.rank() - 2];
    }

    long columnStride() {
        return view.strides()[view.rank() - 1];
    }

    /// How many matrices there are.
    long batches() {
        long batches = 1;
        for (int d = 0; d < view.rank() - 2; d++) {
            batches = Math.multiplyExact(batches, view.shape()[d]);
        }
        return batches;
    }

    /// Where matrix number `batch`, counted in row-major order, begins.
    long offset(long batch) {
        long offset = view.offset();
        long rest = batch;
        for (int d = view.rank() - 3; d >= 0; d--) {
            offset += rest % view.shape()[d] * view.strides()[d];
            rest /= view.shape()[d];
        }
        return offset;
    }

    Matrix matrix(long batch) {
        boolean halves = view.dtype() == DType.BFLOAT16;
        return new Matrix(view.storage().segment(), offset(batch), rowStride(), columnStride(), halves);
    }

    /// The transposed matrices.
    Stack transposed() {
        int last = view.rank() - 1;
        long[] shape = view.shape().clone();
        long[] strides = view.strides().clone();
        shape[last - 1] = view.shape()[last];
        shape[last] = view.shape()[last - 1];
        strides[last - 1] = view.strides()[last];
        strides[last] = view.strides()[last - 1];
        return new Stack(new View(view.storage(), view.dtype(), view.offset(), shape, strides));
    }

    /// Whether all places of the stack hold the same matrix.
    boolean repeats() {
        for (int d = 0; d < view.rank() - 2; d++) {
            if (view.shape()[d] > 1 && view.strides()[d] != 0) {
                return false;
            }
        }
        return true;
    }

    /// The first matrix alone.
    View first() {
        return new View(view.storage(), view.dtype(), view.offset(), new long[] {rows(), columns()}, new long[] {
            rowStride(), columnStride()
        });
    }

    /// Whether the rows of all matrices follow each other at one distance, as those of one tall matrix do.
    boolean isTall() {
        long rows = rows();
        for (int d = view.rank() - 3; d >= 0; d--) {
            if (view.shape()[d] > 1 && view.strides()[d] != rows * rowStride()) {
                return false;
            }
            rows *= view.shape()[d];
        }
        return true;
    }

    /// All rows as one matrix; only for what [#isTall].
    View tall() {
        return new View(
                view.storage(),
                view.dtype(),
                view.offset(),
                new long[] {Math.multiplyExact(batches(), rows()), columns()},
                new long[] {rowStride(), columnStride()});
    }
}
