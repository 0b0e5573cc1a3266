package org.lehr.engine.optim.transform;

/// Checks of what schedules give, in the step that uses it.
public final class Hyperparameter {

    private Hyperparameter() {}

    /// `value`, which must be in `[0, 1)`.
    public static double fraction(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1), got " + value);
        }
        return value;
    }

    /// `value`, which must be finite and not negative.
    public static double amount(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " must be finite and not negative, got " + value);
        }
        return value;
    }
}
