package org.lehr.engine.schedule;

/// Half a wave from `peak` down to `floor`: `floor + (peak − floor)·½(1 + cos(π·step/steps))` (Loshchilov, Hutter
/// 2017, without restarts). Stays at `floor`.
public record Cosine(double peak, double floor, long steps) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of("cosine", "half a wave down", Cosine::of)
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .floor("0.1")
            .option("power", "1", "power that the wave is raised to")
            .option("k", "1", "power of the share of the way (k-decay)")
            .like("optax", "cosine_decay_schedule", "floor=0")
            .like("optax", "warmup_cosine_decay_schedule", "floor=0")
            .like("hf", "cosine", "floor=0")
            .like("hf", "cosine_with_min_lr", "floor=0")
            .like("hf", "cosine_warmup_with_min_lr", "floor=0")
            .like("timm", "cosine", "floor=0")
            .like("pytorch_optimizer", "cosine", "floor=0")
            .like("megatron", "cosine", "floor=0")
            .like("burn", "cosine", "floor=0")
            .like("djl", "CosineTracker", "floor=0")
            .like("dl4j", "CosineWarmupSchedule", "floor=0");

    public Cosine {
        Require.value("cosine", "peak", peak);
        Require.value("cosine", "floor", floor);
        Require.notAbove("cosine", "floor", floor, "peak", peak);
        Require.steps("cosine", "steps", steps);
    }

    private static Schedule of(ScheduleTerms terms) {
        Profile shape = terms.bent(Decay.COSINE);
        return shape == Decay.COSINE
                ? new Cosine(terms.peak(), terms.level("floor"), terms.length())
                : new Shaped(terms.peak(), terms.level("floor"), terms.length(), shape);
    }

    @Override
    public double at(long step) {
        return Decay.COSINE.between(peak, floor, Require.step("cosine", step), steps);
    }
}
