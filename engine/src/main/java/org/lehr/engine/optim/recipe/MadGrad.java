package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// MADGRAD (Defazio, Jelassi 2021): dual averaging with a cube root. With `λ = rate·√t`: `s ← s + λg`, `v ← v +
/// λg²`, `z = p₀ − s/(∛v + ε)`, `p ← µp + (1 − µ)z`. State: three tensors.
///
/// @param rate learning rate
/// @param momentum µ
/// @param epsilon ε
/// @param weightDecay of the penalty `λ/2·p²`
public record MadGrad(
        @Default("0.01") Schedule rate,
        @Default("0.9") Schedule momentum,
        @Default("1e-6") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String FIRST = "x0";
    private static final String SUM = "s";
    private static final String SQUARES = "grad_sum_sq";

    @Override
    public List<Transform> chain() {
        return List.of(
                new AddDecay(weightDecay),
                Rule.ofUpdate(this::averaged, Slot.of(FIRST, p -> p), Slot.zeros(SUM), Slot.zeros(SQUARES)));
    }

    private Update averaged(Update update, Cell cell) {
        double mu = cell.fraction("madgrad: the momentum", momentum);
        double lambda = cell.rate("madgrad: the rate", rate) * Math.sqrt(cell.step());
        Tensor g = update.tensor();
        Tensor s = cell.set(SUM, cell.get(SUM).add(g.mul(lambda)));
        Tensor v = cell.set(SQUARES, cell.get(SQUARES).add(g.square().mul(lambda)));
        Tensor first = cell.step() == 1 ? cell.set(FIRST, cell.value()) : cell.get(FIRST);
        Tensor z = first.sub(s.div(v.pow(1.0 / 3).add(epsilon)));
        cell.place(cell.value().add(z.sub(cell.value()).mul(1 - mu)));
        return update;
    }
}
