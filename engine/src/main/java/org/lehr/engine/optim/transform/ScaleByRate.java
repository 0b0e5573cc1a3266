package org.lehr.engine.optim.transform;

import org.lehr.engine.schedule.Schedule;

/// The update times the learning rate and the rate factor of the parameter's group; as a rule the last part of a
/// chain.
///
/// @param rate by step
public record ScaleByRate(Schedule rate) implements Rule {

    @Override
    public Update apply(Update update, Cell cell) {
        return update.scale(cell.rate("the rate", rate));
    }
}
