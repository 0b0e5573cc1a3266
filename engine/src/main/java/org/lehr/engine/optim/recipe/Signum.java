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

/// Signum (Bernstein et al. 2018): `m ← βm + (1 − β)g`, `p ← p·(1 − rate·λ) − rate·sign(m)`. State: one tensor.
///
/// @param rate learning rate
/// @param beta decay of the momentum
/// @param weightDecay λ
public record Signum(
        @Default("1e-3") Schedule rate,
        @Default("0.9") Schedule beta,
        @Default("0") Schedule weightDecay) implements ChainRecipe {

    private static final String MEAN = "exp_avg";

    @Override
    public List<Transform> chain() {
        return List.of(Rule.of(this::direction, Slot.mean(MEAN)), new Shrink(rate, weightDecay), new ScaleByRate(rate));
    }

    private Tensor direction(Tensor g, Cell cell) {
        double b = cell.fraction("signum: beta", beta);
        return PiecewiseConstant.sign(cell.set(MEAN, cell.get(MEAN).mul(b).add(g.mul(1 - b))));
    }
}
