package org.lehr.kernels.attention;

import java.util.List;
import org.lehr.kernels.AttentionKernels;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.lanes.Lanes;

/// Attention on the processor: float32 and bfloat16 in blocks on vectors, float64 and machines without vectors from the
/// equations.
public final class CpuAttention implements AttentionKernels {

    /// Has no state.
    public CpuAttention() {}

    @Override
    public void forward(View out, View logSumExp, View q, View k, View v, Mask mask) {
        Call call = Call.of(out, logSumExp, q, k, v, mask);
        if (isBlocked(q)) {
            AttentionForward.run(call);
        } else {
            AttentionKernel.reference(call);
        }
    }

    @Override
    public void backward(
            View dq,
            View dk,
            View dv,
            View dBias,
            View dOut,
            View out,
            View logSumExp,
            View q,
            View k,
            View v,
            Mask mask) {
        Call call = Call.of(out, logSumExp, q, k, v, mask);
        Gradients gradients = new Gradients(dOut, dq, dk, dv, dBias).require(call);
        if (isBlocked(q)) {
            AttentionBackward.run(call, gradients);
        } else {
            AttentionKernel.referenceBackward(call, gradients);
        }
    }

    @Override
    public void forwardPages(View out, View q, List<View> keys, List<View> values, Mask mask) {
        PagedCall call = PagedCall.of(out, q, keys, values, mask);
        if (isBlocked(q)) {
            PagedAttention.run(call);
        } else {
            PagedKernel.reference(call);
        }
    }

    @Override
    public void rotate(View out, View x, View cos, View sin, boolean inverse) {
        if (x.dtype() == DType.BFLOAT16) {
            try (Widened source = Widened.read(x);
                    Widened c = Widened.read(cos);
                    Widened s = Widened.read(sin);
                    Widened target = Widened.write(out)) {
                RotaryKernel.run(target.view(), source.view(), c.view(), s.view(), inverse);
            }
        } else {
            RotaryKernel.run(out, x, cos, sin, inverse);
        }
    }

    private static boolean isBlocked(View q) {
        return q.dtype() != DType.FLOAT64 && Lanes.available();
    }
}
