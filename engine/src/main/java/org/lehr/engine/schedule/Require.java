package org.lehr.engine.schedule;

/// What schedules ask of their components.
final class Require {

    private Require() {}

    static void value(String schedule, String component, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    schedule + ": " + component + " must be a finite number of at least 0, got " + value);
        }
    }

    static void positive(String schedule, String component, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    schedule + ": " + component + " must be a finite number above 0, got " + value);
        }
    }

    static void steps(String schedule, String component, long steps) {
        if (steps <= 0) {
            throw new IllegalArgumentException(schedule + ": " + component + " must be at least 1, got " + steps);
        }
    }

    static void notAbove(String schedule, String low, double lowValue, String high, double highValue) {
        if (lowValue > highValue) {
            throw new IllegalArgumentException(
                    schedule + ": " + low + " must not be above " + high + ", got " + lowValue + " and " + highValue);
        }
    }

    /// `step`, when it is one.
    static long step(String schedule, long step) {
        if (step < 0) {
            throw new IllegalArgumentException(schedule + ": step must not be negative, got " + step);
        }
        return step;
    }
}
