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

/// AdEMAMix (Pagliardini, Ablin, Grangier 2024): Adam with a second, slow mean: `u = (m̂₁ + α·m₂)/(√v̂ + ε)`. For
/// long runs `alpha` and `beta3` should rise slowly, which schedules of them say. State: three tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the fast mean
/// @param beta2 decay of the running square
/// @param beta3 decay of the slow mean
/// @param alpha how much the slow mean counts
/// @param epsilon added to the root
/// @param weightDecay decoupled
public record AdEMAMix(
        @Default("1e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("0.9999") Schedule beta3,
        @Default("5") Schedule alpha,
        @Default("1e-8") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String FAST = "exp_avg";
    private static final String SLOW = "exp_avg_slow";
    private static final String SQUARE = "exp_avg_sq";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(this::direction, Slot.mean(FAST), Slot.mean(SLOW), Slot.square(SQUARE)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Update direction(Update update, Cell cell) {
        double b1 = cell.fraction("ademamix: beta1", beta1);
        double b2 = cell.fraction("ademamix: beta2", beta2);
        double b3 = cell.fraction("ademamix: beta3", beta3);
        double a = cell.amount("ademamix: alpha", alpha);
        Tensor g = update.tensor();
        Tensor fast = cell.set(FAST, cell.get(FAST).mul(b1).add(g.mul(1 - b1)));
        Tensor slow = cell.set(SLOW, cell.get(SLOW).mul(b3).add(g.mul(1 - b3)));
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(g.square().mul(1 - b2)));
        Tensor both = fast.div(1 - Math.pow(b1, cell.step())).add(slow.mul(a));
        return Update.quotient(both, v.div(1 - Math.pow(b2, cell.step())).sqrt().add(epsilon));
    }
}
