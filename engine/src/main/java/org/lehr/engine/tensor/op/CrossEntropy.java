package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.LossKernels;
import org.lehr.kernels.View;

/// `−Σ target·log softmax(x)` of each row, with label smoothing (Szegedy et al. 2016) and z-loss (Chowdhery et al.
/// 2022).
/// `x [rows, n], targets int64 [rows] or probabilities [rows, n] → [rows]`, in float32 for bfloat16 `x`.
public record CrossEntropy(double labelSmoothing, long ignoreIndex, double zLoss) implements FusedOp {

    /// Target of rows that count nothing, unless another one is chosen.
    public static final long IGNORE = -100;

    public CrossEntropy {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException(
                    "cross_entropy: label smoothing must be in [0, 1), got " + labelSmoothing);
        }
        if (!(zLoss >= 0)) {
            throw new IllegalArgumentException("cross_entropy: the z-loss factor must not be negative, got " + zLoss);
        }
    }

    /// The mean over the rows that count; `logits [..., n]`, `targets` int64 `[...]`. NaN when no row counts.
    public static Tensor crossEntropy(Tensor logits, Tensor targets) {
        long width = logits.extent(-1);
        long rows = width == 0 ? 0 : logits.size() / width;
        return new CrossEntropy(0, IGNORE, 0).mean(logits.reshape(rows, width), targets.reshape(rows));
    }

    /// The mean over the rows whose target is not [#ignoreIndex].
    public Tensor mean(Tensor logits, Tensor targets) {
        return targets.dtype().isFloating()
                ? Tensor.apply(this, logits, targets).mean()
                : Tensor.apply(new CrossEntropyMean(this), logits, targets);
    }

    /// How many rows count, of the dtype of `losses`.
    Tensor counted(Tensor targets, Tensor losses) {
        return Compare.notEqual(targets, targets.scalarLike(ignoreIndex)).sum().to(losses.dtype());
    }

    LossKernels.CrossEntropy form() {
        return new LossKernels.CrossEntropy(labelSmoothing, ignoreIndex, zLoss);
    }

    @Override
    public Tensor forward(Call call) {
        requireShapes(call);
        Rows rows = Rows.of(name(), call);
        Tensor loss = call.empty(Rows.statistics(call.dtype(0)), Shape.of(rows.count()));
        Tensor logSumExp = call.empty(Rows.statistics(call.dtype(0)), Shape.of(rows.count()));
        call.backend()
                .losses()
                .crossEntropy(loss.view(), logSumExp.view(), rows.flat(call.input(0)), targets(call), form());
        call.save(logSumExp);
        return loss;
    }

    void requireShapes(Call call) {
        Rows rows = Rows.of(name(), call);
        boolean soft = call.dtype(1).isFloating();
        Shape expected = soft ? call.shape(0) : Shape.of(rows.count());
        if (call.shape(0).rank() != 2 || !call.shape(1).equals(expected) || soft && call.dtype(1) != call.dtype(0)) {
            throw new ShapeMismatchException(name() + ": needs logits [rows, n] with targets int64 [rows] or "
                    + call.dtype(0) + " [rows, n], got " + call.shape(0) + " and " + call.dtype(1) + call.shape(1));
        }
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Rows rows = Rows.of(name(), call);
        Tensor dx = call.empty(call.dtype(0), call.shape(0));
        call.backend()
                .losses()
                .crossEntropyBackward(
                        dx.view(),
                        dy.contiguous().view(),
                        rows.flat(call.input(0)),
                        call.saved(0).view(),
                        targets(call),
                        form());
        Tensor dTargets = call.needs(1)
                ? LogSoftmax.logSoftmax(call.input(0), -1)
                        .neg()
                        .mul(1 - labelSmoothing)
                        .mul(dy.unsqueeze(1))
                : null;
        return new Tensor[] {dx, dTargets};
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor x = inputs[0];
        Tensor targets = inputs[1];
        long n = x.extent(1);
        Tensor logits = LogSoftmax.logSoftmax(x, -1);
        Tensor uniform = logits.sum(1).mul(labelSmoothing / n);
        boolean soft = targets.dtype().isFloating();
        Tensor counted = soft ? null : Compare.notEqual(targets, targets.scalarLike(ignoreIndex));
        Tensor picked = soft
                ? logits.mul(targets).sum(1)
                : Gather.gather(
                                logits,
                                1,
                                Where.where(counted, targets, targets.scalarLike(0))
                                        .unsqueeze(1))
                        .squeeze(1);
        Tensor loss = picked.mul(1 - labelSmoothing).add(uniform).neg();
        if (zLoss > 0) {
            // x − log softmax(x) is the log-sum-exp in every column.
            Tensor logSumExp = x.sub(logits).slice(1, 0, 1).squeeze(1);
            loss = loss.add(logSumExp.square().mul(zLoss));
        }
        Tensor counting = soft ? loss : Where.where(counted, loss, loss.scalarLike(0));
        return counting.to(Rows.statistics(x.dtype()));
    }

    static View targets(Call call) {
        Tensor targets = call.input(1).contiguous();
        return (targets.dtype() == DType.INT32 ? targets.to(DType.INT64) : targets).view();
    }
}
