package org.lehr.engine.train.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What was measured at one step.
///
/// @param step the step, counted from 1 when it was the first
/// @param values numbers and texts by name, in the order in which they were logged; `null` stands for a number
///     that is not finite
public record Metrics(long step, SequencedMap<String, Object> values) {

    public Metrics {
        values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
    }

    /// Whether something was logged under this name, be it NaN.
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /// The number of this name; NaN where there is none or it was not finite.
    public double number(String name) {
        return values.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
