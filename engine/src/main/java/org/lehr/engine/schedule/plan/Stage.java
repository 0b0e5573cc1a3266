package org.lehr.engine.schedule.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;

/// A stretch of a training: a schedule over so many steps, and what is learnt meanwhile.
///
/// @param schedule counts its steps from the beginning of the stage
/// @param mixture the share of each source of data, of a sum of 1; empty where nothing is said about data
public record Stage(String name, long steps, Schedule schedule, SequencedMap<String, Double> mixture) {

    public Stage {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(schedule, "schedule");
        Require.steps("stage " + name, "steps", steps);
        double sum = 0;
        for (Map.Entry<String, Double> source : mixture.entrySet()) {
            Require.value("stage " + name, "the share of " + source.getKey(), source.getValue());
            sum += source.getValue();
        }
        if (!mixture.isEmpty() && Math.abs(sum - 1) > 1e-9) {
            throw new IllegalArgumentException("stage " + name + ": the shares of data must sum to 1, got " + mixture);
        }
        mixture = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(mixture));
    }

    /// A stage that says nothing about data.
    public Stage(String name, long steps, Schedule schedule) {
        this(name, steps, schedule, new LinkedHashMap<>());
    }
}
