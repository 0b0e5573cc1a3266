package org.lehr.engine.schedule.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.lehr.engine.schedule.Schedule;

/// A schedule, and what has to follow the run for it.
///
/// @param listener [Listener#NONE] for a function of the step alone
public record Controlled(Schedule schedule, Listener listener) {

    /// The same, when `outer` wants to know of the run as well.
    ///
    /// @param name of `outer` in the state
    Controlled with(String name, Controlled outer) {
        return new Controlled(outer.schedule, new Both(name, outer.listener, listener));
    }

    /// Two that listen. The numbers of the first stand in the state under its name.
    private record Both(String name, Listener first, Listener second) implements Listener {

        @Override
        public void beginning(long step, Function<Dial, Trial> trial) {
            first.beginning(step, trial);
            second.beginning(step, trial);
        }

        @Override
        public void trained(long step, double loss) {
            first.trained(step, loss);
            second.trained(step, loss);
        }

        @Override
        public boolean wantsValidation(long step) {
            return first.wantsValidation(step) || second.wantsValidation(step);
        }

        @Override
        public void validated(long step, double loss) {
            first.validated(step, loss);
            second.validated(step, loss);
        }

        @Override
        public SequencedMap<String, Double> state() {
            SequencedMap<String, Double> state = new LinkedHashMap<>();
            first.state().forEach((key, value) -> state.put(name + "/" + key, value));
            state.putAll(second.state());
            return state;
        }

        @Override
        public void restore(Map<String, Double> state) {
            String prefix = name + "/";
            Map<String, Double> own = new LinkedHashMap<>();
            Map<String, Double> others = new LinkedHashMap<>();
            state.forEach((key, value) -> {
                boolean isOwn = key.startsWith(prefix);
                (isOwn ? own : others).put(isOwn ? key.substring(prefix.length()) : key, value);
            });
            SequencedMap<String, Double> before = second.state();
            second.restore(others);
            try {
                first.restore(own);
            } catch (IllegalArgumentException refused) {
                second.restore(before);
                throw refused;
            }
        }
    }
}
