package org.lehr.engine.papers;

import java.util.Arrays;
import org.apache.commons.math3.stat.StatUtils;

/// A number measured once for each seed.
///
/// @param values in the order of the seeds
public record Sample(double... values) {

    public Sample {
        values = values.clone();
        if (values.length == 0) {
            throw new IllegalArgumentException("sample: is empty");
        }
    }

    @Override
    public double[] values() {
        return values.clone();
    }

    public double mean() {
        return StatUtils.mean(values);
    }

    /// The root of the unbiased variance; 0 for one value.
    public double deviation() {
        return values.length == 1 ? 0 : Math.sqrt(StatUtils.variance(values));
    }

    public double min() {
        return StatUtils.min(values);
    }

    public double max() {
        return StatUtils.max(values);
    }

    /// The value in the middle, or between the two there.
    public double median() {
        return StatUtils.percentile(values, 50);
    }

    /// The quotients, seed by seed.
    public Sample over(Sample other) {
        double[] quotients = new double[values.length];
        Arrays.setAll(quotients, i -> values[i] / other.values[i]);
        return new Sample(quotients);
    }

    /// The differences, seed by seed.
    public Sample minus(Sample other) {
        double[] differences = new double[values.length];
        Arrays.setAll(differences, i -> values[i] - other.values[i]);
        return new Sample(differences);
    }
}
