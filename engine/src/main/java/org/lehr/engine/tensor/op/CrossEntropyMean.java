package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// The mean of [CrossEntropy] over the rows that count. What each row's loss weighs is known beforehand, so
/// the forward pass makes the gradient at once, from the exponentials that it needs anyway; a backward pass
/// that begins with 1 hands it on as it is, another one multiplies it, in place where nobody reads it again. `x [rows,
/// n], targets int [rows] → scalar`
record CrossEntropyMean(CrossEntropy form) implements FusedOp {

    @Override
    public Tensor forward(Call call) {
        form.requireShapes(call);
        Rows rows = Rows.of(name(), call);
        Tensor loss = call.empty(Rows.statistics(call.dtype(0)), Shape.of(rows.count()));
        Tensor logSumExp = call.empty(Rows.statistics(call.dtype(0)), Shape.of(rows.count()));
        View x = rows.flat(call.input(0));
        Tensor counted = form.counted(call.input(1), loss);
        if (call.needs(0)) {
            Tensor dx = call.empty(call.dtype(0), call.shape(0));
            call.backend()
                    .losses()
                    .crossEntropyWithGradient(
                            loss.view(),
                            logSumExp.view(),
                            dx.view(),
                            1 / counted.item(),
                            x,
                            CrossEntropy.targets(call),
                            form.form());
            call.save(dx);
        } else {
            call.backend()
                    .losses()
                    .crossEntropy(loss.view(), logSumExp.view(), x, CrossEntropy.targets(call), form.form());
        }
        return loss.sum().div(counted);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor dx = call.saved(0);
        if (dy.item() == 1) {
            return new Tensor[] {dx, null};
        }
        Tensor factor = dy.to(dx.dtype());
        if (!call.mayOverwriteSaved(0)) {
            return new Tensor[] {dx.mul(factor), null};
        }
        // As large as the logits, and a second one would be as large again.
        dx.mulInPlace(factor);
        return new Tensor[] {dx, null};
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor losses = form.composed(inputs);
        return losses.sum().div(form.counted(inputs[1], losses));
    }
}
