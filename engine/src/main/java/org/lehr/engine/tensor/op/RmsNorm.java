package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// `x/√(mean(x²) + ε)·weight` over the last dimension (Zhang, Sennrich 2019). `x [..., n], weight [n] → [..., n]`
public record RmsNorm(double epsilon) implements FusedOp {

    public static Tensor rmsNorm(Tensor x, Tensor weight, double epsilon) {
        return Tensor.apply(new RmsNorm(epsilon), x, weight);
    }

    @Override
    public Tensor forward(Call call) {
        Rows rows = Rows.of(name(), call);
        if (!call.shape(1).equals(Shape.of(rows.width()))) {
            throw new ShapeMismatchException(name() + ": weight must be [" + rows.width() + "] for x " + call.shape(0)
                    + ", got " + call.shape(1));
        }
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        Tensor rstd = call.empty(Rows.statistics(call.dtype(0)), Shape.of(rows.count()));
        call.backend()
                .normalizations()
                .rmsNorm(
                        rows.flat(out),
                        rstd.view(),
                        rows.flat(call.input(0)),
                        call.input(1).contiguous().view(),
                        epsilon);
        call.save(rstd);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Rows rows = Rows.of(name(), call);
        Tensor dx = call.empty(call.dtype(0), call.shape(0));
        Tensor dWeight = call.needs(1) ? call.empty(call.dtype(1), call.shape(1)) : null;
        call.backend()
                .normalizations()
                .rmsNormBackward(
                        rows.flat(dx),
                        dWeight == null ? null : dWeight.view(),
                        rows.flat(dy),
                        rows.flat(call.input(0)),
                        call.saved(0).view(),
                        call.input(1).contiguous().view());
        return new Tensor[] {dx, dWeight};
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor x = inputs[0];
        return x.div(x.square().mean(true, -1).add(epsilon).sqrt()).mul(inputs[1]);
    }
}
