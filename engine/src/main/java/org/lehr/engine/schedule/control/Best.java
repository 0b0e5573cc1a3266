package org.lehr.engine.schedule.control;

/// The best measurement so far.
final class Best {

    private final Improvement improvement;
    private boolean measured;
    private double value;

    Best(Improvement improvement) {
        this.improvement = improvement;
    }

    /// Takes in a measurement and says whether it is an improvement; the first finite one is.
    boolean improves(double now) {
        boolean better = measured ? improvement.isBetter(now, value) : Double.isFinite(now);
        if (better) {
            value = now;
            measured = true;
        }
        return better;
    }

    /// 1 when there was one, else 0.
    double measured() {
        return measured ? 1 : 0;
    }

    double value() {
        return value;
    }

    void restore(SavedState saved) {
        measured = saved.number("measured") != 0;
        value = saved.number("best");
    }
}
