package org.lehr.kernels.convert;

import java.util.ArrayList;
import java.util.List;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Inputs of a blocked loop, those that stand transposed to a dense output replaced by copies, made tile by tile; until
/// closed.
public final class NearInputs implements AutoCloseable {

    private static final int SMALLEST_COPY = 4096;

    private final View[] views;
    private final List<Storage> copies = new ArrayList<>();

    /// Copies what is worth it.
    public NearInputs(View out, View... inputs) {
        views = inputs.clone();
        boolean copying = out.size() >= SMALLEST_COPY && out.isContiguous();
        for (int v = 0; v < views.length && copying; v++) {
            if (CopyKernel.isTransposing(out, inputs[v])) {
                Storage copy =
                        Pool.host().allocate(out.size() * inputs[v].dtype().bytes(), "transposed input");
                copies.add(copy);
                views[v] = View.rowMajor(copy, inputs[v].dtype(), out.shape());
                CopyKernel.forward(views[v], inputs[v]);
            }
        }
    }

    /// The inputs to use.
    public View[] views() {
        return views;
    }

    @Override
    public void close() {
        copies.forEach(Storage::release);
    }
}
