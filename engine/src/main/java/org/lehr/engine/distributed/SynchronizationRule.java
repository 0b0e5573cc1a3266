package org.lehr.engine.distributed;

import org.lehr.engine.schedule.Require;

/// How many steps ranks take by themselves before they meet again. A round begins when the one before it has ended; its
/// length is fixed then.
///
/// All ranks have the same rule, and it gives all of them the same number.
@FunctionalInterface
public interface SynchronizationRule {

    /// The length of the round that begins after `begun` steps, at least 1; [Long#MAX_VALUE] for a round without
    /// end.
    long steps(long begun);

    /// Rounds of equally many steps.
    static SynchronizationRule every(long steps) {
        Require.steps("synchronization rule", "every", steps);
        return _ -> steps;
    }

    /// These rounds, the last of which ends with a training of `steps` steps, so that ranks are alike in the end.
    default SynchronizationRule until(long steps) {
        Require.steps("synchronization rule", "until", steps);
        return begun -> begun < steps ? Math.min(steps(begun), steps - begun) : steps(begun);
    }
}
