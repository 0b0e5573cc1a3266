package org.lehr.engine.optim.transform;

import org.lehr.engine.schedule.Schedule;

/// Decoupled weight decay as a product: `p ← p·(1 − rate·λ)` before the update is subtracted (Loshchilov, Hutter
/// 2019, in PyTorch's form).
///
/// @param rate by step, times the rate factor of the parameter's group
/// @param decay λ by step, times the decay factor of the group
public record Shrink(Schedule rate, Schedule decay) implements Rule {

    @Override
    public Update apply(Update update, Cell cell) {
        cell.shrink(1 - cell.rate("the rate", rate) * cell.decay("the weight decay", decay));
        return update;
    }
}
