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
import org.lehr.engine.tensor.op.Maximum;

/// AdaMax (Kingma, Ba 2015, algorithm 2): Adam with the largest recent gradient in place of the root of the mean
/// square, `u ← max(β₂u, |g| + ε)`. State: two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running extreme
/// @param epsilon added to the magnitude of the gradient
/// @param weightDecay decoupled
public record Adamax(
        @Default("2e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String LARGEST = "exp_inf";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(this::direction, Slot.mean(MEAN), Slot.square(LARGEST)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Update direction(Update update, Cell cell) {
        double b1 = cell.fraction("adamax: beta1", beta1);
        double b2 = cell.fraction("adamax: beta2", beta2);
        Tensor g = update.tensor();
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor u = cell.set(
                LARGEST, Maximum.maximum(cell.get(LARGEST).mul(b2), g.abs().add(epsilon)));
        return Update.quotient(m, u).over(1 - Math.pow(b1, cell.step()));
    }
}
