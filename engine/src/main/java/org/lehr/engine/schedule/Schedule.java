package org.lehr.engine.schedule;

/// A number for every step of a run: a learning rate, or any other hyper-parameter. Steps count from 0: `at(0)` is
/// for the first update.
///
/// There is no state, so there is nothing to save but the step. The schedules of this package give finite numbers
/// that are not negative, up to the largest step there is, and refuse negative steps with an
/// `IllegalArgumentException`.
@FunctionalInterface
public interface Schedule {

    /// The number for `step`.
    double at(long step);

    /// This up to `boundary`, and from there on `next`, which sees steps counted from the boundary.
    default Schedule then(long boundary, Schedule next) {
        return Join.of(this, boundary, next);
    }

    /// This, reached from 0 in `steps` equal parts, and then followed from its beginning: see [WarmUp].
    default Schedule warmUp(long steps) {
        return steps == 0 ? this : new WarmUp(steps, this);
    }

    /// This, and from the step `from` on a decay of `steps` steps to `floor`: see [Branch].
    default Schedule branch(long from, long steps, double floor, Profile shape) {
        return new Branch(this, from, steps, floor, shape);
    }

    /// The first `period` steps of this, again and again.
    default Schedule repeat(long period) {
        return new Repeated(this, period);
    }

    /// This times `factor` at every step.
    default Schedule times(Schedule factor) {
        return new Product(this, factor);
    }

    /// `factor` times this.
    default Schedule scale(double factor) {
        return new Scaled(this, factor);
    }

    /// This, but at least `low` and at most `high`.
    default Schedule clamp(double low, double high) {
        return new Clamped(this, low, high);
    }

    /// The numbers for `points` steps at equal distances from 0 to `steps − 1`, for plots.
    default double[] sample(long steps, int points) {
        Require.steps("sample", "steps", steps);
        Require.steps("sample", "points", points);
        double[] values = new double[points];
        for (int i = 0; i < points; i++) {
            values[i] = at(points == 1 ? 0 : Math.round(i * ((steps - 1) / (points - 1.0))));
        }
        return values;
    }

    /// The course of the first `steps` steps as `width` characters, `▁` for 0 and `█` for the highest number.
    default String draw(long steps, int width) {
        double[] values = sample(steps, width);
        double highest = 0;
        for (double value : values) {
            highest = Math.max(highest, value);
        }
        StringBuilder line = new StringBuilder(width);
        for (double value : values) {
            line.append((char) ('▁' + (highest > 0 ? Math.round(7 * Math.max(value, 0) / highest) : 0)));
        }
        return line.toString();
    }

    /// The first `steps` steps as comma-separated values: a head line `step,value`, and a line for each step.
    default String csv(long steps) {
        Require.steps("csv", "steps", steps);
        StringBuilder lines = new StringBuilder("step,value\n");
        for (long step = 0; step < steps; step++) {
            lines.append(step).append(',').append(at(step)).append('\n');
        }
        return lines.toString();
    }
}
