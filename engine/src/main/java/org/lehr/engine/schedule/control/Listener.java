package org.lehr.engine.schedule.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/// Follows a run, so that a schedule that depends on it knows what happens. The trainer tells it about steps; who
/// validates tells it about validations.
public interface Listener extends Stateful {

    /// Follows nothing.
    Listener NONE = new Listener() {
        @Override
        public SequencedMap<String, Double> state() {
            return new LinkedHashMap<>();
        }

        @Override
        public void restore(Map<String, Double> state) {
            SavedState.of("schedule", state, state().keySet());
        }
    };

    /// A step is about to be taken.
    ///
    /// @param step how many were taken before
    /// @param trial makes of a [Dial] in the schedule a training that can be tried out with it
    default void beginning(long step, Function<Dial, Trial> trial) {}

    /// A step was taken.
    ///
    /// @param step its number, from 1
    /// @param loss its training loss
    default void trained(long step, double loss) {}

    /// Whether the loss on held-out data is wanted after a step.
    default boolean wantsValidation(long step) {
        return false;
    }

    /// The loss on held-out data after a step, wanted or not.
    default void validated(long step, double loss) {}
}
