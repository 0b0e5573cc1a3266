package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.schedule.Require;

/// What a learner lost so far beside one that knew the best parameters of every step: the sum of the differences of
/// their losses (Zinkevich 2003).
public final class DynamicRegret implements Stateful {

    private double sum;
    private long steps;

    /// Nothing lost yet.
    public DynamicRegret() {}

    /// A step with the learner's loss and the lowest possible one.
    public void observe(double loss, double lowest) {
        if (!Double.isFinite(loss - lowest)) {
            throw new IllegalArgumentException("dynamic regret: losses must be finite, got " + loss + " and " + lowest);
        }
        sum += loss - lowest;
        steps++;
    }

    /// The whole regret.
    public double total() {
        return sum;
    }

    /// The regret of a step in the mean.
    public double mean() {
        Require.steps("dynamic regret", "observed steps", steps);
        return sum / steps;
    }

    @Override
    public SequencedMap<String, Double> state() {
        return SavedState.write("sum", sum, "steps", steps);
    }

    @Override
    public void restore(Map<String, Double> state) {
        SavedState saved = SavedState.of("dynamic regret", state, state().keySet());
        steps = saved.count("steps");
        sum = saved.number("sum");
    }
}
