package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/// Lets a search find the rate of each stage of a run just before it.
///
/// @param factor what the search finds, for the schedule
record Searching(AutoLrs search, Dial factor) implements Listener {

    Searching(AutoLrs search) {
        this(search, new Dial(search.value()));
    }

    @Override
    public void beginning(long step, Function<Dial, Trial> trial) {
        if (step >= search.searchedSteps()) {
            search.search(trial.apply(factor));
            factor.set(search.value());
        }
    }

    @Override
    public SequencedMap<String, Double> state() {
        return search.state();
    }

    @Override
    public void restore(Map<String, Double> state) {
        search.restore(state);
        factor.set(search.value());
    }
}
