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
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// SGD with momentum and decoupled weight decay (Loshchilov, Hutter 2019, algorithm 1): `m ← µm + rate·g`, `p ←
/// p·(1 − rate·λ) − m`. State: one tensor.
///
/// @param rate learning rate
/// @param momentum µ
/// @param weightDecay λ, times the rate as in [AdamW]
public record SgdW(
        @Default("0.01") Schedule rate,
        @Default("0.9") Schedule momentum,
        @Default("1e-4") Schedule weightDecay) implements ChainRecipe {

    private static final String MOMENTUM = "momentum";

    @Override
    public List<Transform> chain() {
        return List.of(new ScaleByRate(rate), Rule.of(this::moved, Slot.mean(MOMENTUM)), new Shrink(rate, weightDecay));
    }

    private Tensor moved(Tensor g, Cell cell) {
        double mu = cell.fraction("sgdw: the momentum", momentum);
        return cell.set(MOMENTUM, cell.get(MOMENTUM).mul(mu).add(g));
    }
}
