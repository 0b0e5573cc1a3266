package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.op.PiecewiseConstant;

/// SignSGD (Bernstein et al. 2018): `p ← p·(1 − rate·λ) − rate·sign(g)`. No state.
///
/// @param rate learning rate
/// @param weightDecay λ
public record SignSgd(
        @Default("1e-3") Schedule rate, @Default("0") Schedule weightDecay) implements ChainRecipe {

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.of((g, _) -> PiecewiseConstant.sign(g)), new Shrink(rate, weightDecay), new ScaleByRate(rate));
    }
}
