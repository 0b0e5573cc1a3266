package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Adan (Xie et al. 2022): Nesterov momentum by the difference of gradients. `m ← (1 − β₁)m + β₁g`, `v ← (1 − β₂)v
/// + β₂(g − g′)`, `n ← (1 − β₃)n + β₃(g + (1 − β₂)(g − g′))²`, `p ← (p − rate·(m + (1 − β₂)v)/(√n + ε))/(1 +
/// rate·λ)`, with Adam's corrections for the beginning. State: four tensors.
///
/// @param rate learning rate
/// @param beta1 β₁, small as in the paper
/// @param beta2 β₂
/// @param beta3 β₃
/// @param epsilon added to the root
/// @param weightDecay λ
public record Adan(
        @Default("1e-3") Schedule rate,
        @Default("0.02") Schedule beta1,
        @Default("0.08") Schedule beta2,
        @Default("0.01") Schedule beta3,
        @Default("1e-8") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String DIFFERENCE = "exp_avg_diff";
    private static final String SQUARE = "exp_avg_sq";
    private static final String BEFORE = "prev_grad";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.of(
                        this::direction,
                        Slot.mean(MEAN),
                        Slot.mean(DIFFERENCE),
                        Slot.square(SQUARE),
                        Slot.mean(BEFORE)),
                new ScaleByRate(rate),
                Rule.ofUpdate(this::proximal));
    }

    private Tensor direction(Tensor g, Cell cell) {
        double b1 = cell.fraction("adan: beta1", beta1);
        double b2 = cell.fraction("adan: beta2", beta2);
        double b3 = cell.fraction("adan: beta3", beta3);
        long t = cell.step();
        Tensor change = t == 1 ? g.fullLike(0) : g.sub(cell.get(BEFORE));
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(1 - b1).add(g.mul(b1)));
        Tensor v = cell.set(DIFFERENCE, cell.get(DIFFERENCE).mul(1 - b2).add(change.mul(b2)));
        Tensor n = cell.set(
                SQUARE,
                cell.get(SQUARE)
                        .mul(1 - b3)
                        .add(g.add(change.mul(1 - b2)).square().mul(b3)));
        cell.set(BEFORE, g);
        Tensor ahead = m.div(1 - Math.pow(1 - b1, t)).add(v.mul((1 - b2) / (1 - Math.pow(1 - b2, t))));
        return ahead.div(n.div(1 - Math.pow(1 - b3, t)).sqrt().add(epsilon));
    }

    private Update proximal(Update update, Cell cell) {
        double pull = 1 + cell.rate("adan: the rate", rate) * cell.decay("adan: the weight decay", weightDecay);
        cell.shrink(1 / pull);
        return update.over(pull);
    }
}
