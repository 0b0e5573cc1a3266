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
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// AdaBelief (Zhuang et al. 2020): Adam with the running square of what the mean did not foresee, `s ← β₂s + (1 −
/// β₂)(g − m)² + ε`. State: two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param epsilon added to the running square, and to its root
/// @param weightDecay decoupled
public record AdaBelief(
        @Default("1e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-16") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_var";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(this::direction, Slot.mean(MEAN), Slot.square(SQUARE)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Update direction(Update update, Cell cell) {
        double b1 = cell.fraction("adabelief: beta1", beta1);
        double b2 = cell.fraction("adabelief: beta2", beta2);
        Tensor g = update.tensor();
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor s = cell.set(
                SQUARE,
                cell.get(SQUARE).mul(b2).add(g.sub(m).square().mul(1 - b2)).add(epsilon));
        return Update.quotient(m, s.div(1 - Math.pow(b2, cell.step())).sqrt().add(epsilon))
                .over(1 - Math.pow(b1, cell.step()));
    }
}
