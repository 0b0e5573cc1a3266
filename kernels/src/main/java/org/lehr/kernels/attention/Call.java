package org.lehr.kernels.attention;

import java.util.Arrays;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// What forward and backward read or write alike, with its shapes checked against each other.
record Call(View out, View logSumExp, View q, View k, View v, Mask mask, Sizes sizes, Reach reach) {

    static Call of(View out, View logSumExp, View q, View k, View v, Mask mask) {
        if (q.rank() != 4 || k.rank() != 4 || v.rank() != 4) {
            throw new IllegalArgumentException(
                    "attention: expected four dimensions, got q " + q + ", k " + k + ", v " + v);
        }
        long[] qs = q.shape();
        long[] ks = k.shape();
        boolean heads = ks[1] == 0 ? qs[1] == 0 : qs[1] % ks[1] == 0;
        if (!heads || qs[0] != ks[0] || qs[3] != ks[3] || !Arrays.equals(ks, 0, 3, v.shape(), 0, 3)) {
            throw new IllegalArgumentException(
                    "attention: shapes do not go together: q " + q + ", k " + k + ", v " + v);
        }
        Sizes z = Sizes.of(q, k, v);
        Call call = new Call(out, logSumExp, q, k, v, mask, z, Reach.of(mask, z.t(), z.s()));
        requireRows("q", q, z.b(), z.h(), z.t(), z.d());
        requireRows("k", k, z.b(), z.g(), z.s(), z.d());
        requireRows("v", v, z.b(), z.g(), z.s(), z.e());
        requireRows("out", out, z.b(), z.h(), z.t(), z.e());
        requireShape("logSumExp", logSumExp, z.b(), z.h(), z.t());
        if (mask.bias() != null) {
            requireShape("bias", mask.bias(), z.b(), z.h(), z.t(), z.s());
        }
        if (mask.keyPadding() != null) {
            requireShape("keyPadding", mask.keyPadding(), z.b(), z.s());
            if (mask.keyPadding().dtype() != DType.BOOL) {
                throw new IllegalArgumentException("attention: keyPadding is " + mask.keyPadding() + ", expected bool");
            }
        }
        return call;
    }

    /// Requires this shape and a unit stride in its last dimension.
    static void requireRows(String name, View view, long... shape) {
        requireShape(name, view, shape);
        int last = shape.length - 1;
        if (shape[last] > 1 && view.strides()[last] != 1) {
            throw new IllegalArgumentException("attention: " + name + " has strides " + Arrays.toString(view.strides())
                    + ", expected 1 in the last dimension");
        }
    }

    static void requireShape(String name, View view, long... shape) {
        if (!Arrays.equals(view.shape(), shape)) {
            throw new IllegalArgumentException(
                    "attention: " + name + " is " + view + ", expected " + Arrays.toString(shape));
        }
    }
}
