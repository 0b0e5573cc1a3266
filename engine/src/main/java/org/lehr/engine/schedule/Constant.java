package org.lehr.engine.schedule;

/// The same number at every step.
public record Constant(double value) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "constant", "the same number at every step", terms -> new Constant(terms.peak()))
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .like("optax", "constant_schedule")
            .like("optax", "warmup_constant_schedule")
            .like("hf", "constant")
            .like("hf", "constant_with_warmup")
            .like("pytorch_optimizer", "constant")
            .like("fairseq", "fixed")
            .like("fairseq", "pass_through")
            .like("megatron", "constant")
            .like("burn", "constant")
            .like("djl", "FixedTracker")
            .like("dl4j", "FixedSchedule")
            .like("megatron", "weight-decay constant");

    public Constant {
        Require.value("constant", "value", value);
    }

    @Override
    public double at(long step) {
        Require.step("constant", step);
        return value;
    }
}
