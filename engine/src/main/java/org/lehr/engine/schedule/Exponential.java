package org.lehr.engine.schedule;

/// `max(floor, initial·factor^(step/every))`: the same factor with every step, without end.
///
/// @param factor of `every` steps; above 0, at most 1
public record Exponential(double initial, double factor, double every, double floor) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "exponential",
                    "the same factor with every step",
                    terms -> new Exponential(
                            terms.peak(), terms.number("factor"), terms.count("every"), terms.level("floor")))
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .option("every", "1", "steps in which it falls by the factor")
            .option("factor", "0.01", "factor of so many steps")
            .floor("0")
            .like("torch", "ExponentialLR", "every=1s,factor=0.99")
            .like("torch", "MultiplicativeLR", "every=1s,factor=0.95")
            .like("optax", "exponential_decay")
            .like("optax", "warmup_exponential_decay_schedule")
            .like("pytorch_optimizer", "multiplicative", "every=1s,factor=0.95")
            .like("burn", "exponential", "every=1s,factor=0.99")
            .like("dl4j", "ExponentialSchedule", "every=1s,factor=0.99");

    public Exponential {
        Require.value("exponential", "initial", initial);
        Require.positive("exponential", "factor", factor);
        Require.notAbove("exponential", "factor", factor, "1", 1);
        Require.positive("exponential", "every", every);
        Require.value("exponential", "floor", floor);
        Require.notAbove("exponential", "floor", floor, "initial", initial);
    }

    @Override
    public double at(long step) {
        return Math.max(floor, initial * StrictMath.pow(factor, Require.step("exponential", step) / every));
    }
}
