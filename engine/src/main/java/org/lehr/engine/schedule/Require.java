package org.lehr.engine.schedule;

import java.util.List;
import java.util.Objects;

/// What schedules ask of their components, for those who write one: every refusal names the schedule, the component
/// and what it got.
public final class Require {

    private static final long MOST = 1L << 53;

    private Require() {}

    /// @throws IllegalArgumentException unless `value` is finite and not negative
    public static void value(String schedule, String component, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    schedule + ": " + component + " must be a finite number of at least 0, got " + value);
        }
    }

    /// @throws IllegalArgumentException unless `value` is finite and above 0
    public static void positive(String schedule, String component, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    schedule + ": " + component + " must be a finite number above 0, got " + value);
        }
    }

    /// @throws IllegalArgumentException unless there is a step, and no more than doubles can count
    public static void steps(String schedule, String component, long steps) {
        if (steps <= 0) {
            throw new IllegalArgumentException(schedule + ": " + component + " must be at least 1, got " + steps);
        }
        count(schedule, component, steps);
    }

    /// @throws IllegalArgumentException unless `count` is not negative, and no more than doubles can count
    public static void count(String schedule, String component, long count) {
        if (count < 0 || count > MOST) {
            throw new IllegalArgumentException(schedule + ": " + component + " must be from 0 to 2^53, got " + count);
        }
    }

    /// @throws IllegalArgumentException when there is no shape, or none that goes from `peak` to `floor`
    public static void shape(String schedule, Profile shape, double peak, double floor) {
        Objects.requireNonNull(shape, "shape");
        try {
            shape.between(peak, floor, 0.5);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(schedule + ": " + e.getMessage(), e);
        }
    }

    /// @throws IllegalArgumentException when `lowValue` is above `highValue`
    public static void notAbove(String schedule, String low, double lowValue, String high, double highValue) {
        if (lowValue > highValue) {
            throw new IllegalArgumentException(
                    schedule + ": " + low + " must not be above " + high + ", got " + lowValue + " and " + highValue);
        }
    }

    /// `step`, when it is one.
    public static long step(String schedule, long step) {
        if (step < 0) {
            throw new IllegalArgumentException(schedule + ": step must not be negative, got " + step);
        }
        return step;
    }

    /// @throws IllegalArgumentException unless `value` is in `[0, 1]`
    public static void share(String schedule, String component, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    schedule + ": " + component + " must be a share from 0 to 1, got " + value);
        }
    }

    /// @throws IllegalArgumentException unless `ends` are above 0 and rise
    public static void rising(String schedule, String component, List<Long> ends) {
        long before = 0;
        for (long end : ends) {
            if (end <= before) {
                throw new IllegalArgumentException(
                        schedule + ": " + component + " must be steps above 0 that rise, got " + ends);
            }
            before = end;
        }
        if (ends.isEmpty()) {
            throw new IllegalArgumentException(schedule + ": " + component + " must name at least one step, got none");
        }
    }
}
