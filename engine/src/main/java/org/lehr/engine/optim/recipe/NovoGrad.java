package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// NovoGrad (Ginsburg et al. 2019): gradients divided by a running norm of the whole layer, then momentum: `v ← β₂v
/// + (1 − β₂)‖g‖²` (`‖g‖²` at first), `m ← β₁m + g/(√v + ε) + λp`. State: one tensor and a number.
///
/// @param rate learning rate
/// @param beta1 decay of the momentum
/// @param beta2 decay of the squared norm
/// @param epsilon added to the root
/// @param weightDecay λ
public record NovoGrad(
        @Default("0.01") Schedule rate,
        @Default("0.95") Schedule beta1,
        @Default("0.98") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "norm_sq";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(this::normalized, Slot.number(SQUARE, 0)),
                new AddDecay(weightDecay),
                Rule.of(this::moved, Slot.mean(MEAN)),
                new ScaleByRate(rate));
    }

    private Update normalized(Update update, Cell cell) {
        double b2 = cell.fraction("novograd: beta2", beta2);
        Tensor g = update.tensor();
        double norm = Norms.two(g);
        double square = norm * norm;
        double v = cell.set(SQUARE, cell.step() == 1 ? square : b2 * cell.number(SQUARE) + (1 - b2) * square);
        return Update.of(g).over(Math.sqrt(v) + epsilon);
    }

    private Tensor moved(Tensor u, Cell cell) {
        double b1 = cell.fraction("novograd: beta1", beta1);
        return cell.set(MEAN, cell.get(MEAN).mul(b1).add(u));
    }
}
