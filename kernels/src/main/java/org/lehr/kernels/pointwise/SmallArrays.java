package org.lehr.kernels.pointwise;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Run;
import org.lehr.kernels.lanes.Lanes;

/// The short way for few values that stand densely in the compute dtype: the loop alone, without nest, scratch memory
/// and threads, whose preparation takes longer than some hundred values do.
///
/// The last float32 vector reaches into the padding of the memory (see
/// [org.lehr.kernels.memory.Storage#padded]); its other lanes compute what nobody reads.
final class SmallArrays {

    private static final int MOST = 2048;

    private SmallArrays() {}

    /// Computes `op` and returns true, or returns false where this is not the way.
    static boolean run(PointwiseOp op, DType hub, View out, View... inputs) {
        long size = out.size();
        if (size > MOST || size == 0 || !isDense(out, hub, out.shape())) {
            return false;
        }
        for (View input : inputs) {
            if (!isDense(input, hub, out.shape())) {
                return false;
            }
        }
        int lanes = hub == DType.FLOAT32 ? Lanes.bits() / Float.SIZE : 1;
        int n = (int) (size + lanes - 1) / lanes * lanes;
        boolean padded = n > size;
        if (padded && out.storage().byteSize() != size * Float.BYTES) {
            return false;
        }
        Run[] runs = new Run[inputs.length + 1];
        for (int v = 0; v < runs.length; v++) {
            View view = v == 0 ? out : inputs[v - 1];
            MemorySegment memory =
                    padded ? view.storage().padded() : view.storage().segment();
            if (memory == null || padded && view.offset() != 0) {
                return false;
            }
            runs[v] = new Run(memory, view.byteOffset(), 1);
        }
        Object body = PointwiseKernel.body(op, hub);
        Loop loop = PointwiseKernel.loop(body, hub);
        switch (runs.length) {
            case 2 -> loop.unary(body, runs[0], runs[1], n);
            case 3 -> loop.binary(body, runs[0], runs[1], runs[2], n);
            default -> loop.ternary(body, runs[0], runs[1], runs[2], runs[3], n);
        }
        return true;
    }

    private static boolean isDense(View view, DType hub, long... shape) {
        return view.dtype() == hub && view.isContiguous() && Arrays.equals(view.shape(), shape);
    }
}
