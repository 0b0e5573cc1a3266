package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.schedule.Require;

/// Finds the step at which the mean of a loss rises (Page 1954; Hinkley 1971): with `mₜ = Σ(xᵢ − mean − slack)`,
/// there is an alarm when `mₜ` is more than `threshold` above its lowest value. After an alarm it begins anew.
public final class PageHinkley implements Stateful {

    private final double slack;
    private final double threshold;
    private final long least;
    private long count;
    private double mean;
    private double sum;
    private double lowest;

    /// @param slack rises that do not count
    /// @param threshold how much has to come together
    /// @param least losses before the first alarm
    public PageHinkley(double slack, double threshold, long least) {
        Require.value("page-hinkley", "slack", slack);
        Require.positive("page-hinkley", "threshold", threshold);
        Require.count("page-hinkley", "least", least);
        this.slack = slack;
        this.threshold = threshold;
        this.least = least;
    }

    /// Takes in a loss and says whether it raises the alarm. One that is not finite does.
    public boolean observe(double loss) {
        count++;
        mean += (loss - mean) / count;
        sum += loss - mean - slack;
        lowest = Math.min(lowest, sum);
        boolean alarm = !Double.isFinite(sum) || count >= least && sum - lowest > threshold;
        if (alarm) {
            count = 0;
            mean = 0;
            sum = 0;
            lowest = 0;
        }
        return alarm;
    }

    @Override
    public SequencedMap<String, Double> state() {
        return SavedState.write("count", count, "mean", mean, "sum", sum, "lowest", lowest);
    }

    @Override
    public void restore(Map<String, Double> state) {
        SavedState saved = SavedState.of("page-hinkley", state, state().keySet());
        count = saved.count("count");
        mean = saved.number("mean");
        sum = saved.number("sum");
        lowest = saved.number("lowest");
    }
}
