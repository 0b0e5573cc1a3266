package org.lehr.engine.optim.transform;

import java.util.List;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Momentum in PyTorch's form: `m ← µm + (1 − τ)u`, at a parameter's first step `m = u`; the update becomes `m`, or
/// `u + µm` with Nesterov (Sutskever et al. 2013).
///
/// @param momentum µ in `[0, 1)`
/// @param dampening τ
/// @param nesterov whether to look ahead
public record Trace(Schedule momentum, double dampening, boolean nesterov) implements Rule {

    private static final String MOMENTUM = "momentum";

    @Override
    public List<Slot> slots() {
        return List.of(Slot.mean(MOMENTUM));
    }

    @Override
    public Update apply(Update update, Cell cell) {
        double mu = cell.fraction("the momentum", momentum);
        Tensor u = update.tensor();
        Tensor m = cell.step() == 1 ? u : cell.get(MOMENTUM).mul(mu).add(u.mul(1 - dampening));
        cell.set(MOMENTUM, m);
        return Update.of(nesterov ? u.add(m.mul(mu)) : m);
    }
}
