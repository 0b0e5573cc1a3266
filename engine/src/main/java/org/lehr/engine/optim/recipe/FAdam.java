package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// FAdam (Hwang 2024): Adam as natural gradient descent by the diagonal empirical Fisher information `f`: the
/// gradient is divided by `fᵖ` and limited before it goes into the momentum, `ε` follows the gradient, and weight
/// decay is divided alike. State: two tensors.
///
/// `β₂ₜ = β₂(1 − β₂^(t−1))/(1 − β₂ᵗ)`, `f ← β₂ₜf + (1 − β₂ₜ)g²`, `εₜ = min(ε, ε₂·RMS(g))`, `ḡ = g/(fᵖ + εₜ)` over
/// `max(1, RMS(ḡ)/c)`, `m ← β₁m + (1 − β₁)ḡ`, `w = p/(fᵖ + εₜ)` limited alike, `p ← p − rate·(m + λw)`.
///
/// @param rate learning rate
/// @param beta1 decay of the momentum
/// @param beta2 decay of the information
/// @param epsilon ε
/// @param share ε₂
/// @param power p, ½ for the root
/// @param clip c
/// @param weightDecay λ
public record FAdam(
        @Default("1e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("0.01") double share,
        @Default("0.5") double power,
        @Default("1") double clip,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String INFORMATION = "fim";
    private static final String MOMENTUM = "momentum";

    @Override
    public List<Transform> chain() {
        return List.of(Rule.of(this::direction, Slot.square(INFORMATION), Slot.mean(MOMENTUM)), new ScaleByRate(rate));
    }

    private Tensor direction(Tensor g, Cell cell) {
        double b1 = cell.fraction("fadam: beta1", beta1);
        double b2 = cell.fraction("fadam: beta2", beta2);
        double lambda = cell.decay("fadam: the weight decay", weightDecay);
        double now = b2 * (1 - Math.pow(b2, cell.step() - 1)) / (1 - Math.pow(b2, cell.step()));
        Tensor f = cell.set(
                INFORMATION, cell.get(INFORMATION).mul(now).add(g.square().mul(1 - now)));
        double size = Norms.meanSquare(g);
        // Without any gradient there would be nothing to divide by.
        double floor = size == 0 ? epsilon : Math.min(epsilon, share * size);
        Tensor divisor = (power == 0.5 ? f.sqrt() : f.pow(power)).add(floor);
        Tensor m = cell.set(
                MOMENTUM, cell.get(MOMENTUM).mul(b1).add(limited(g.div(divisor)).mul(1 - b1)));
        return lambda == 0 ? m : m.add(limited(cell.value().div(divisor)).mul(lambda));
    }

    private Tensor limited(Tensor x) {
        return x.div(Math.max(1, Norms.meanSquare(x) / clip));
    }
}
