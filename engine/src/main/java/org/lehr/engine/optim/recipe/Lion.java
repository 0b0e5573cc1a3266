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
import org.lehr.engine.tensor.op.PiecewiseConstant;

/// Lion (Chen et al. 2023): `u = sign(β₁m + (1 − β₁)g)`, `m ← β₂m + (1 − β₂)g`, `p ← p·(1 − rate·λ) − rate·u`.
/// State: one tensor.
///
/// @param rate learning rate, some 3 to 10 times smaller than AdamW's
/// @param beta1 how much of the momentum is in the direction
/// @param beta2 decay of the momentum
/// @param weightDecay λ, some 3 to 10 times larger than AdamW's
public record Lion(
        @Default("1e-4") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.99") Schedule beta2,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";

    @Override
    public List<Transform> chain() {
        return List.of(Rule.of(this::direction, Slot.mean(MEAN)), new Shrink(rate, weightDecay), new ScaleByRate(rate));
    }

    private Tensor direction(Tensor g, Cell cell) {
        double b1 = cell.fraction("lion: beta1", beta1);
        double b2 = cell.fraction("lion: beta2", beta2);
        Tensor m = cell.get(MEAN);
        cell.set(MEAN, m.mul(b2).add(g.mul(1 - b2)));
        return PiecewiseConstant.sign(m.mul(b1).add(g.mul(1 - b1)));
    }
}
