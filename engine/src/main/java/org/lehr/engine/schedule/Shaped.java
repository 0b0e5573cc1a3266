package org.lehr.engine.schedule;

/// From `peak` to `floor` in `steps` steps in any shape. Stays at `floor`.
public record Shaped(double peak, double floor, long steps, Profile shape) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "profile",
                    "down in any shape",
                    terms -> new Shaped(terms.peak(), terms.level("floor"), terms.length(), terms.shape()))
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .shape("linear")
            .floor("0");

    static final ScheduleFamily REX = ScheduleFamily.of(
                    "rex",
                    "above the line, falls at the end (reflected exponential)",
                    terms -> new Shaped(terms.peak(), terms.level("floor"), terms.length(), Decay.REX))
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .floor("0")
            .like("pytorch_optimizer", "rex");

    static final ScheduleFamily TANH = ScheduleFamily.of("tanh", "level, a fall in the middle, level", terms -> {
                Profile tangent = new HyperbolicTangent(terms.number("lower"), terms.number("upper"));
                return new Shaped(terms.peak(), terms.level("floor"), terms.length(), tangent);
            })
            .promising(ScheduleFamily.Promise.FALLS)
            .option("lower", "-7", "argument of the tangent at the beginning")
            .option("upper", "3", "argument of the tangent at the end")
            .floor("0")
            .like("timm", "tanh")
            .like("dl4j", "SigmoidSchedule");

    public Shaped {
        Require.value("profile", "peak", peak);
        Require.value("profile", "floor", floor);
        Require.notAbove("profile", "floor", floor, "peak", peak);
        Require.steps("profile", "steps", steps);
        Require.shape("profile", shape, peak, floor);
    }

    @Override
    public double at(long step) {
        return shape.between(peak, floor, Require.step("profile", step), steps);
    }
}
