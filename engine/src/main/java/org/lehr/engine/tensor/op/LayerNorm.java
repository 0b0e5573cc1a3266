package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// `(x − mean)/√(variance + ε)·weight + bias` over the last dimension (Ba, Kiros, Hinton 2016).
/// `x [..., n], weight [n], bias [n] → [..., n]`
public record LayerNorm(double epsilon) implements FusedOp {

    /// Normalises; `bias` may be null.
    public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
        return bias == null
                ? Tensor.apply(new LayerNorm(epsilon), x, weight)
                : Tensor.apply(new LayerNorm(epsilon), x, weight, bias);
    }

    @Override
    public Tensor forward(Call call) {
        Rows rows = Rows.of(name(), call);
        for (int i = 1; i < call.count(); i++) {
            if (!call.shape(i).equals(Shape.of(rows.width()))) {
                throw new ShapeMismatchException(name() + ": weight and bias must be [" + rows.width() + "] for x "
                        + call.shape(0) + ", got " + call.shape(i));
            }
        }
        Tensor out = call.empty(call.dtype(0), call.shape(0));
        DType statistics = Rows.statistics(call.dtype(0));
        Tensor mean = call.empty(statistics, Shape.of(rows.count()));
        Tensor rstd = call.empty(statistics, Shape.of(rows.count()));
        call.backend()
                .normalizations()
                .layerNorm(
                        rows.flat(out),
                        mean.view(),
                        rstd.view(),
                        rows.flat(call.input(0)),
                        dense(call, 1),
                        dense(call, 2),
                        epsilon);
        call.save(mean, rstd);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Rows rows = Rows.of(name(), call);
        Tensor dx = call.empty(call.dtype(0), call.shape(0));
        Tensor[] gradients = new Tensor[call.count()];
        gradients[0] = dx;
        for (int i = 1; i < call.count(); i++) {
            gradients[i] = call.needs(i) ? call.empty(call.dtype(i), call.shape(i)) : null;
        }
        call.backend()
                .normalizations()
                .layerNormBackward(
                        rows.flat(dx),
                        call.needs(1) ? gradients[1].view() : null,
                        call.count() > 2 && call.needs(2) ? gradients[2].view() : null,
                        rows.flat(dy),
                        rows.flat(call.input(0)),
                        call.saved(0).view(),
                        call.saved(1).view(),
                        dense(call, 1));
        return gradients;
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor x = inputs[0];
        Tensor centred = x.sub(x.mean(true, -1));
        Tensor deviation = centred.square().mean(true, -1).add(epsilon).sqrt();
        Tensor scaled = centred.div(deviation).mul(inputs[1]);
        return inputs.length > 2 ? scaled.add(inputs[2]) : scaled;
    }

    private static View dense(Call call, int i) {
        return i < call.count() ? call.input(i).contiguous().view() : null;
    }
}
