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

/// Rectified Adam (Liu et al. 2020): Adam whose step is multiplied by `rₜ`, which makes up for the variance that
/// the adaptive rate has while few gradients were seen, and a step of momentum alone while that variance has no
/// bound. State: two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param epsilon added to the root
/// @param threshold the length `ρₜ` of the running mean above which the step is adaptive; 4 in the paper, 5 in
///     PyTorch
/// @param weightDecay decoupled
public record RAdam(
        @Default("1e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("4") double threshold,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(this::direction, Slot.mean(MEAN), Slot.square(SQUARE)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    /// `ρₜ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ)`: over how many gradients the running square of step `t` is a mean.
    public static double length(double beta2, long step) {
        double power = StrictMath.pow(beta2, step);
        return 2 / (1 - beta2) - 1 - 2 * step * power / (1 - power);
    }

    /// `rₜ`, for a length above 4.
    public static double rectification(double beta2, long step) {
        double all = 2 / (1 - beta2) - 1;
        double now = length(beta2, step);
        return Math.sqrt((now - 4) * (now - 2) * all / ((all - 4) * (all - 2) * now));
    }

    private Update direction(Update update, Cell cell) {
        double b1 = cell.fraction("radam: beta1", beta1);
        double b2 = cell.fraction("radam: beta2", beta2);
        Tensor g = update.tensor();
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(g.square().mul(1 - b2)));
        double correction = 1 - Math.pow(b1, cell.step());
        if (!(length(b2, cell.step()) > Math.max(threshold, 4))) {
            return Update.of(m).over(correction);
        }
        return Update.quotient(m, v.div(1 - Math.pow(b2, cell.step())).sqrt().add(epsilon))
                .scale(rectification(b2, cell.step()))
                .over(correction);
    }
}
