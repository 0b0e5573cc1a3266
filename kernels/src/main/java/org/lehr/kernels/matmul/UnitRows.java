package org.lehr.kernels.matmul;

import org.lehr.kernels.View;
import org.lehr.kernels.convert.CopyKernel;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// A view whose last stride is 1: the given one, or a dense copy of it for as long as this is open.
///
/// What was opened for writing is copied back on [#close].
record UnitRows(View view, View target, Storage scratch) implements AutoCloseable {

    static UnitRows read(View in) {
        if (fits(in)) {
            return new UnitRows(in, null, null);
        }
        UnitRows copy = dense(in, null);
        CopyKernel.forward(copy.view, in);
        return copy;
    }

    static UnitRows write(View out) {
        return fits(out) ? new UnitRows(out, null, null) : dense(out, out);
    }

    private static boolean fits(View view) {
        return view == null || view.strides()[view.rank() - 1] == 1 || view.shape()[view.rank() - 1] <= 1;
    }

    private static UnitRows dense(View view, View target) {
        Storage scratch = Pool.host().allocate(view.size() * view.dtype().bytes(), "matmul: dense copy");
        return new UnitRows(View.rowMajor(scratch, view.dtype(), view.shape()), target, scratch);
    }

    @Override
    public void close() {
        if (scratch == null) {
            return;
        }
        try {
            if (target != null) {
                CopyKernel.forward(target, view);
            }
        } finally {
            scratch.release();
        }
    }
}
