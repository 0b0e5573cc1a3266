package org.lehr.kernels.attention;

import org.lehr.kernels.View;

/// The gradient that comes in, `dOut`, and those that go out; `dBias` may be null.
record Gradients(View dOut, View dq, View dk, View dv, View dBias) {

    /// Checked against what they belong to.
    Gradients require(Call call) {
        Sizes z = call.sizes();
        Call.requireRows("dOut", dOut, z.b(), z.h(), z.t(), z.e());
        Call.requireRows("dq", dq, z.b(), z.h(), z.t(), z.d());
        Call.requireRows("dk", dk, z.b(), z.g(), z.s(), z.d());
        Call.requireRows("dv", dv, z.b(), z.g(), z.s(), z.e());
        if (dBias != null) {
            Call.requireRows("dBias", dBias, z.b(), z.h(), z.t(), z.s());
        }
        return this;
    }
}
