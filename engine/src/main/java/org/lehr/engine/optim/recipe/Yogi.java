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
import org.lehr.engine.tensor.op.PiecewiseConstant;

/// Yogi (Zaheer et al. 2018): Adam whose running square moves by `(1 − β₂)g²` towards `g²` and no faster, `v ← v −
/// (1 − β₂)·sign(v − g²)·g²`; with Adam's corrections for the beginning. State: two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param epsilon added to the root
/// @param initial first value of the running square
/// @param weightDecay decoupled
public record Yogi(
        @Default("0.01") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-3") double epsilon,
        @Default("1e-6") double initial,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(this::direction, Slot.mean(MEAN), Slot.filled(SQUARE, initial)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Update direction(Update update, Cell cell) {
        double b1 = cell.fraction("yogi: beta1", beta1);
        double b2 = cell.fraction("yogi: beta2", beta2);
        Tensor g = update.tensor();
        Tensor square = g.square();
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor before = cell.get(SQUARE);
        Tensor v = cell.set(
                SQUARE,
                before.sub(
                        PiecewiseConstant.sign(before.sub(square)).mul(square).mul(1 - b2)));
        return Update.quotient(m, v.div(1 - Math.pow(b2, cell.step())).sqrt().add(epsilon))
                .over(1 - Math.pow(b1, cell.step()));
    }
}
