package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Adagrad (Duchi, Hazan, Singer 2011): `s ← s + g²`, `u = g/(√s + ε)`, over `1 + (t − 1)·decay` of the rate as in
/// PyTorch. State: one tensor.
///
/// @param rate learning rate
/// @param rateDecay how fast the rate falls besides
/// @param initial first value of `s`
/// @param epsilon added to the root
/// @param weightDecay of the penalty `λ/2·p²`
public record Adagrad(
        @Default("0.01") Schedule rate,
        @Default("0") double rateDecay,
        @Default("0") double initial,
        @Default("1e-10") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String SUM = "sum";

    @Override
    public List<Transform> chain() {
        return List.of(
                new AddDecay(weightDecay),
                Rule.ofUpdate(this::direction, Slot.filled(SUM, initial)),
                new ScaleByRate(rate));
    }

    private Update direction(Update update, Cell cell) {
        Tensor g = update.tensor();
        Tensor s = cell.set(SUM, cell.get(SUM).add(g.square()));
        return Update.quotient(g, s.sqrt().add(epsilon)).over(1 + (cell.step() - 1) * rateDecay);
    }
}
