package org.lehr.kernels.pointwise;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;
import org.lehr.kernels.convert.Run;
import org.lehr.kernels.lanes.Lanes;

/// One operation over dense float32 or float64 values, in place: for kernels that end with it.
public final class DenseLoop {

    private final UnaryOp op;
    private final Object body;
    private final Loop loop;

    private DenseLoop(UnaryOp op, Object body, Loop loop) {
        this.op = op;
        this.body = body;
        this.loop = loop;
    }

    /// For `FLOAT32` or `FLOAT64`.
    public static DenseLoop of(UnaryOp op, DType dtype) {
        if (dtype == DType.FLOAT64) {
            return new DenseLoop(op, op, Loops.FLOAT64.get(op.getClass()));
        }
        UnaryLanes lanes = Lanes.available() ? op.lanes() : null;
        return new DenseLoop(op, lanes, lanes == null ? null : Loops.LANES.get(lanes.getClass()));
    }

    /// Replaces `n` values, which begin `offset` bytes into `segment`; `n` is a multiple of the float32 lanes.
    public void apply(MemorySegment segment, long offset, int n) {
        if (loop != null) {
            Run run = new Run(segment, offset, 1);
            loop.unary(body, run, run, n);
        } else {
            for (int i = 0; i < n; i++) {
                long place = offset + (long) i * Float.BYTES;
                double value = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, place);
                segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, place, (float) op.apply(value));
            }
        }
    }
}
