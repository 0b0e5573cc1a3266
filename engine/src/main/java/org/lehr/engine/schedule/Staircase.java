package org.lehr.engine.schedule;

/// From `first` to `last` in `levels` equal stairs over `steps` steps: a growing batch, or a growing context. Stays
/// at `last`.
///
/// @param levels at least 2, counting the first and the last
public record Staircase(double first, double last, int levels, long steps) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "staircase",
                    "up in equal stairs, such as a batch size",
                    terms -> new Staircase(
                            terms.level("from"), terms.peak(), (int) terms.number("levels"), terms.count("rise")))
            .promising(ScheduleFamily.Promise.OWN_WARM_UP)
            .option("from", "0.125", "first number, as a share of the peak")
            .option("levels", "8", "number of levels")
            .option("rise", "0.3", "steps until the peak")
            .like("megatron", "rampup-batch-size");

    public Staircase {
        Require.value("staircase", "first", first);
        Require.value("staircase", "last", last);
        Require.steps("staircase", "steps", steps);
        if (levels < 2) {
            throw new IllegalArgumentException("staircase: levels must be at least 2, got " + levels);
        }
    }

    @Override
    public double at(long step) {
        if (Require.step("staircase", step) >= steps) {
            return last;
        }
        double share = StrictMath.floor((double) step / steps * (levels - 1)) / (levels - 1);
        return first * (1 - share) + last * share;
    }
}
