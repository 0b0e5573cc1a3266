package org.lehr.engine.schedule;

/// `before` for `start` steps, then along a line to `after` in `ramp` steps; stays there. For what is brought in
/// late, such as dropout once data begin to repeat (Xue et al. 2023), or taken away after the beginning.
///
/// @param ramp 0 for a jump
public record Delayed(double before, double after, long start, long ramp) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "delayed",
                    "something brought in late, such as dropout",
                    terms -> new Delayed(
                            terms.level("before"), terms.peak(), terms.countOrNone("start"), terms.countOrNone("ramp")))
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.OWN_WARM_UP)
            .option("before", "0", "number at the beginning, as a share of the peak")
            .option("start", "0.5", "step at which it begins to change")
            .option("ramp", "0.1", "steps of the change, or 0 for a jump");

    public Delayed {
        Require.value("delayed", "before", before);
        Require.value("delayed", "after", after);
        Require.count("delayed", "start", start);
        Require.count("delayed", "ramp", ramp);
    }

    @Override
    public double at(long step) {
        long since = Require.step("delayed", step) - start;
        if (since < 0) {
            return before;
        }
        double share = since >= ramp ? 1 : (double) since / ramp;
        return before * (1 - share) + after * share;
    }
}
