package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.GeluGrad;
import org.lehr.kernels.pointwise.GeluTanhGrad;
import org.lehr.kernels.pointwise.PointwiseOp;

/// The Gaussian error linear unit (Hendrycks, Gimpel 2016): `½x(1 + erf(x/√2))`, or with `tanh` its approximation
/// `½x(1 + tanh(√(2/π)(x + 0.044715x³)))`. `x [...] → [...]`
public record Gelu(boolean tanh) implements Pointwise, FusedOp {

    /// The exact form.
    public static Tensor gelu(Tensor x) {
        return Tensor.apply(new Gelu(false), x);
    }

    /// The tanh form, that of GPT-2.
    public static Tensor geluTanh(Tensor x) {
        return Tensor.apply(new Gelu(true), x);
    }

    @Override
    public String name() {
        return kernel().name();
    }

    @Override
    public PointwiseOp kernel() {
        return tanh ? org.lehr.kernels.pointwise.GeluTanh.OP : org.lehr.kernels.pointwise.Gelu.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {Tensor.apply(new Derivative(tanh ? GeluTanhGrad.OP : GeluGrad.OP), call.input(0), dy)};
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor x = inputs[0];
        Tensor gate = tanh
                ? x.add(x.square().mul(x).mul(0.044715))
                        .mul(Math.sqrt(2 / Math.PI))
                        .tanh()
                : Erf.erf(x.mul(Math.sqrt(0.5)));
        return x.mul(0.5).mul(gate.add(1));
    }
}
