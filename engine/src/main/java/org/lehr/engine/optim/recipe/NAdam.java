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

/// NAdam (Dozat 2016) in PyTorch's form: Adam with Nesterov's look ahead and a momentum that grows, `µₜ = β₁(1 −
/// ½·0.96^(t·ψ))`. State: two tensors and a number.
///
/// @param rate learning rate
/// @param beta1 β₁
/// @param beta2 β₂
/// @param epsilon added to the root
/// @param momentumDecay ψ
/// @param weightDecay decoupled
public record NAdam(
        @Default("2e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("4e-3") double momentumDecay,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";
    private static final String PRODUCT = "mu_product";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(this::direction, Slot.mean(MEAN), Slot.square(SQUARE), Slot.number(PRODUCT, 1)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Update direction(Update update, Cell cell) {
        double b1 = cell.fraction("nadam: beta1", beta1);
        double b2 = cell.fraction("nadam: beta2", beta2);
        Tensor g = update.tensor();
        double now = momentum(b1, cell.step());
        double next = momentum(b1, cell.step() + 1);
        double product = cell.set(PRODUCT, cell.number(PRODUCT) * now);
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(g.square().mul(1 - b2)));
        Tensor ahead = g.mul((1 - now) / (1 - product)).add(m.mul(next / (1 - product * next)));
        return Update.quotient(
                ahead, v.div(1 - Math.pow(b2, cell.step())).sqrt().add(epsilon));
    }

    private double momentum(double beta, long step) {
        return beta * (1 - 0.5 * StrictMath.pow(0.96, step * momentumDecay));
    }
}
