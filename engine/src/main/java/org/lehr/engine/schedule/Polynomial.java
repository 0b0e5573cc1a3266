package org.lehr.engine.schedule;

/// `floor + (peak − floor)·(1 − step/steps)^power`: 1 is a line, 2 falls fast at first. Stays at `floor`.
public record Polynomial(double peak, double floor, long steps, double power) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "polynomial", "a power of the rest of the way", Polynomial::of)
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .option("power", "2", "power; 1 is a line")
            .floor("0")
            .option("k", "1", "power of the share of the way (k-decay)")
            .like("torch", "PolynomialLR", "power=1,over=5s")
            .like("optax", "polynomial_schedule", "power=1")
            .like("hf", "polynomial", "power=1")
            .like("timm", "poly", "power=0.5")
            .like("fairseq", "polynomial_decay", "power=1")
            .like("pytorch_optimizer", "poly", "power=1")
            .like("djl", "PolynomialDecayTracker")
            .like("dl4j", "PolySchedule");

    public Polynomial {
        Require.value("polynomial", "peak", peak);
        Require.value("polynomial", "floor", floor);
        Require.notAbove("polynomial", "floor", floor, "peak", peak);
        Require.steps("polynomial", "steps", steps);
        Require.positive("polynomial", "power", power);
    }

    private static Schedule of(ScheduleTerms terms) {
        double power = terms.number("power");
        Require.positive("polynomial", "power", power);
        return terms.number("k") == 1
                ? new Polynomial(terms.peak(), terms.level("floor"), terms.length(), power)
                : new Shaped(terms.peak(), terms.level("floor"), terms.length(), terms.bent(Decay.LINEAR));
    }

    @Override
    public double at(long step) {
        if (Require.step("polynomial", step) >= steps) {
            return floor;
        }
        double left = StrictMath.pow(1 - (double) step / steps, power);
        return peak * left + floor * (1 - left);
    }
}
