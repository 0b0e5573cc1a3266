package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `xᵖ`, one exponent for all; `0⁰ = 1`. `x [...] → [...]`
///
/// @param exponent the power p
public record PowScalar(double exponent) implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return new org.lehr.kernels.pointwise.PowScalar(exponent);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {
            exponent == 0 ? null : dy.mul(call.input(0).pow(exponent - 1).mul(exponent))
        };
    }
}
