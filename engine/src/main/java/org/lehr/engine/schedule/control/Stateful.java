package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.SequencedMap;

/// Something whose state is a few named numbers, for checkpoints.
public interface Stateful {

    /// The state; always the same names in the same order, unless the documentation says otherwise. Finite
    /// numbers only, so that it can be written as JSON.
    SequencedMap<String, Double> state();

    /// Goes back to a state that [#state] gave, all or nothing.
    ///
    /// @throws IllegalArgumentException naming what is missing, unexpected or out of range
    void restore(Map<String, Double> state);
}
