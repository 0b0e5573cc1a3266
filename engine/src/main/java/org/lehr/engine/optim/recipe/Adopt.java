package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.Maximum;

/// ADOPT (Taniguchi et al. 2024): Adam that divides a gradient by what it knew before it, and takes the mean
/// afterwards: `m ← β₁m + (1 − β₁)·clip(g/max(√v, ε), ±t^¼)`, `p ← p − rate·m`, `v ← β₂v + (1 − β₂)g²`. Converges
/// for any `β₂`. The first gradient only sets `v`. State: two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the mean
/// @param beta2 decay of the running square
/// @param epsilon ε
/// @param weightDecay decoupled
public record Adopt(
        @Default("1e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.9999") Schedule beta2,
        @Default("1e-6") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.of(this::direction, Slot.mean(MEAN), Slot.square(SQUARE)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Tensor direction(Tensor g, Cell cell) {
        double b1 = cell.fraction("adopt: beta1", beta1);
        double b2 = cell.fraction("adopt: beta2", beta2);
        if (cell.step() == 1) {
            cell.set(SQUARE, g.square());
            return g.mul(0);
        }
        Tensor v = cell.get(SQUARE);
        Tensor root = Maximum.maximum(v.sqrt(), v.scalarLike(epsilon));
        double limit = StrictMath.pow(cell.step() - 1, 0.25);
        cell.set(SQUARE, v.mul(b2).add(g.square().mul(1 - b2)));
        Tensor divided = Clamp.clamp(g.div(root), -limit, limit);
        return cell.set(MEAN, cell.get(MEAN).mul(b1).add(divided.mul(1 - b1)));
    }
}
