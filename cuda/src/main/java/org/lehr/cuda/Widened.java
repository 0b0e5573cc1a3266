package org.lehr.cuda;

import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// A float32 look at a bfloat16 view, for families that compute nothing narrower: a copy, rounded back once on [#close]
/// where it was opened for writing. A view of another dtype, or null, is passed through as it is.
record Widened(Runtime runtime, View given, View view, boolean narrows) implements AutoCloseable {

    static Widened read(Runtime runtime, View in) {
        return open(runtime, in, true, false);
    }

    /// For an output that is written completely.
    static Widened write(Runtime runtime, View out) {
        return open(runtime, out, false, true);
    }

    /// For what is read and written.
    static Widened update(Runtime runtime, View inOut) {
        return open(runtime, inOut, true, true);
    }

    private static Widened open(Runtime runtime, View given, boolean fills, boolean narrows) {
        if (given == null || given.dtype() != DType.BFLOAT16) {
            return new Widened(runtime, given, given, false);
        }
        Storage scratch = runtime.allocate(Float.BYTES * given.size(), "bfloat16 widened to float32");
        View view = View.rowMajor(scratch, DType.FLOAT32, given.shape());
        if (fills) {
            new CudaPointwise(runtime).copy(view, given);
        }
        return new Widened(runtime, given, view, narrows);
    }

    @Override
    public void close() {
        if (view == given) {
            return;
        }
        try {
            if (narrows) {
                new CudaPointwise(runtime).copy(given, view);
            }
        } finally {
            view.storage().release();
        }
    }
}
