package org.lehr.engine.optim.transform;

import org.lehr.engine.schedule.Schedule;

/// `u ← u + λ·p`: before moments, the gradient of a quadratic penalty; behind them, decoupled weight decay that
/// whatever follows scales like the update (Loshchilov, Hutter 2019).
///
/// @param decay λ, times the decay factor of the parameter's group
public record AddDecay(Schedule decay) implements Rule {

    @Override
    public Update apply(Update update, Cell cell) {
        return Update.of(update.tensor().add(cell.value().mul(cell.decay("the weight decay", decay))));
    }
}
