package org.lehr.engine.schedule.control;

import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;

/// A number that depends on what it was told of a run.
public interface Controller extends Stateful {

    /// The number now: finite and not negative.
    double value();

    /// The number now, whatever the step is. For a factor on another schedule:
    /// `base.times(controller.schedule())`.
    default Schedule schedule() {
        return step -> {
            Require.step("controller", step);
            return value();
        };
    }
}
