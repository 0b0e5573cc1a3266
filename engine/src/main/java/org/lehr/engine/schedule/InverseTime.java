package org.lehr.engine.schedule;

/// `initial·(1 + step/timescale)^−power`: the rates of Robbins and Monro (1951) for powers in `(½, 1]`.
public record InverseTime(double initial, double timescale, double power) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "inverse-time",
                    "like one over the step, without end",
                    terms -> new InverseTime(terms.peak(), terms.count("timescale"), terms.number("power")))
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .option("timescale", "0.1", "steps in which it falls to a half (with power 1)")
            .option("power", "1", "power of the reciprocal")
            .like("dl4j", "InverseSchedule");

    public InverseTime {
        Require.value("inverse time", "initial", initial);
        Require.positive("inverse time", "timescale", timescale);
        Require.positive("inverse time", "power", power);
    }

    @Override
    public double at(long step) {
        return initial * StrictMath.pow(1 + Require.step("inverse time", step) / timescale, -power);
    }
}
