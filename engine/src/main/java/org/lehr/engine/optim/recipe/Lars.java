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
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// LARS (You, Gitman, Ginsburg 2017): momentum over gradients scaled layer by layer, `m ← µm + rate·η·‖p‖/(‖g‖ +
/// λ‖p‖)·(g + λp)`, `p ← p − m`. State: one tensor.
///
/// @param rate learning rate
/// @param momentum µ
/// @param trust η; where a parameter or its gradient is 0, or the parameter is a vector, the scale is 1
/// @param weightDecay λ
public record Lars(
        @Default("1") Schedule rate,
        @Default("0.9") Schedule momentum,
        @Default("1e-3") Schedule trust,
        @Default("1e-4") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MOMENTUM = "momentum";

    @Override
    public List<Transform> chain() {
        return List.of(Rule.ofUpdate(this::scaled), new ScaleByRate(rate), Rule.of(this::moved, Slot.mean(MOMENTUM)));
    }

    private Update scaled(Update update, Cell cell) {
        double lambda = cell.decay("lars: the weight decay", weightDecay);
        double eta = cell.amount("lars: the trust", trust);
        Tensor g = update.tensor();
        Update penalised = Update.of(g.add(cell.value().mul(lambda)));
        double value = Norms.two(cell.value());
        double slope = Norms.two(g);
        return g.rank() > 1 && value > 0 && slope > 0
                ? penalised.scale(eta * value / (slope + lambda * value))
                : penalised;
    }

    private Tensor moved(Tensor g, Cell cell) {
        double mu = cell.fraction("lars: the momentum", momentum);
        return cell.set(MOMENTUM, cell.get(MOMENTUM).mul(mu).add(g));
    }
}
