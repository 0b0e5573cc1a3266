package org.lehr.cuda;

import java.util.ArrayList;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Float32 looks at bfloat16 views, for kernels that compute nothing narrower: copies, which are rounded back once on
/// [#close] where they were opened for writing. A view of another dtype, or null, is passed through as it is.
final class Widening implements AutoCloseable {

    private record Copy(View given, View wide, boolean narrows) {}

    private final Runtime runtime;
    private final List<Copy> copies = new ArrayList<>();

    Widening(Runtime runtime) {
        this.runtime = runtime;
    }

    View read(View in) {
        return open(in, true, false);
    }

    /// For an output that is written completely.
    View write(View out) {
        return open(out, false, true);
    }

    /// For what is read and written.
    View update(View inOut) {
        return open(inOut, true, true);
    }

    private View open(View given, boolean fills, boolean narrows) {
        if (given == null || given.dtype() != DType.BFLOAT16) {
            return given;
        }
        long bytes = Float.BYTES * given.size();
        View wide = View.rowMajor(runtime.allocate(bytes, "bfloat16 widened to float32"), DType.FLOAT32, given.shape());
        copies.add(new Copy(given, wide, narrows));
        if (fills) {
            new CudaPointwise(runtime).copy(wide, given);
        }
        return wide;
    }

    @Override
    public void close() {
        try {
            for (Copy copy : copies) {
                if (copy.narrows) {
                    new CudaPointwise(runtime).copy(copy.given, copy.wide);
                }
            }
        } finally {
            copies.forEach(copy -> copy.wide.storage().release());
        }
    }
}
