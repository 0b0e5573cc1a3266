package org.lehr.engine.schedule.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// Turns a schedule's clock back when the training loss rises.
///
/// @param severity how far, from 0 (not at all) to 1 (to the beginning)
record Rewinding(Rewound clock, PageHinkley alarm, double severity) implements Listener {

    @Override
    public void trained(long step, double loss) {
        clock.stepped();
        if (alarm.observe(loss)) {
            clock.shifted(severity);
        }
    }

    @Override
    public SequencedMap<String, Double> state() {
        SequencedMap<String, Double> state = clock.state();
        state.putAll(alarm.state());
        return state;
    }

    @Override
    public void restore(Map<String, Double> state) {
        SavedState.of("rewound", state, state().keySet());
        Map<String, Double> own = new LinkedHashMap<>(state);
        Map<String, Double> clocks = Map.of("clock", own.remove("clock"));
        SequencedMap<String, Double> before = clock.state();
        clock.restore(clocks);
        try {
            alarm.restore(own);
        } catch (IllegalArgumentException refused) {
            clock.restore(before);
            throw refused;
        }
    }
}
