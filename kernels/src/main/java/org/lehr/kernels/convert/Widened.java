package org.lehr.kernels.convert;

import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// A float32 look at a view, for kernels that compute bfloat16 in float32.
///
/// A bfloat16 view is copied into dense row-major float32 scratch memory; what was opened for writing is rounded back
/// once on [#close]. A view of another dtype (or null, for an optional argument) is passed through as it is.
///
/// ```java
/// try (Widened x = Widened.read(in); Widened y = Widened.write(out)) {
///     forward(y.view(), x.view());
/// }
/// ```
public final class Widened implements AutoCloseable {

    private final View target;
    private final View view;
    private final Storage scratch;

    private Widened(View target, View view, Storage scratch) {
        this.target = target;
        this.view = view;
        this.scratch = scratch;
    }

    /// For an input: filled from `in`, dropped on close.
    public static Widened read(View in) {
        return open(in, true, false);
    }

    /// For an output that is written completely: not filled, rounded into `out` on close.
    public static Widened write(View out) {
        return open(out, false, true);
    }

    /// For what is read and written: filled from `inOut`, rounded back on close.
    public static Widened update(View inOut) {
        return open(inOut, true, true);
    }

    private static Widened open(View given, boolean fill, boolean narrow) {
        if (given == null || given.dtype() != DType.BFLOAT16) {
            return new Widened(null, given, null);
        }
        Storage scratch = Pool.host().allocate(4 * given.size(), "bfloat16 widened to float32");
        View view = View.rowMajor(scratch, DType.FLOAT32, given.shape());
        if (fill) {
            CopyKernel.forward(view, given);
        }
        return new Widened(narrow ? given : null, view, scratch);
    }

    /// The float32 view to compute with (or the given view itself when it was not bfloat16).
    public View view() {
        return view;
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
