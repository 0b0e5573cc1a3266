package org.lehr.kernels.fusion;

import java.util.List;
import org.lehr.kernels.Backend;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Producer;
import org.lehr.kernels.memory.Storage;

/// A chain and what it is to be applied to.
///
/// @param owner what the memory is for, named when it runs out
/// @param shape the shape of the result and of each input
/// @param reads the storages behind `inputs`
record ChainPlan(Backend backend, String owner, Chain chain, long[] shape, View[] inputs, List<Storage> reads)
        implements Producer.Plan {

    @Override
    public Storage compute() {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        Storage out = backend.allocate(size * chain.type().bytes(), owner);
        boolean complete = false;
        try {
            View result = View.rowMajor(out, chain.type(), shape);
            backend.pointwise().chain(chain, bytes -> backend.allocate(bytes, owner), result, inputs);
            complete = true;
            return out;
        } finally {
            if (!complete) {
                out.release();
            }
        }
    }
}
