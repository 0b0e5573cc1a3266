package org.lehr.engine.schedule;

/// `initial·factor^⌊step/every⌋`: level for `every` steps, then `factor` of it, and so on without end (He et al.
/// 2016).
///
/// @param factor above 0, at most 1
public record Step(double initial, double factor, long every) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "step",
                    "level, then a factor of it, and so on",
                    terms -> new Step(terms.peak(), terms.number("factor"), terms.count("every")))
            .promising(ScheduleFamily.Promise.FALLS)
            .option("every", "0.3", "steps of a level")
            .option("factor", "0.1", "factor between levels")
            .like("torch", "StepLR")
            .like("timm", "step")
            .like("fairseq", "step", "factor=0.5")
            .like("pytorch_optimizer", "step")
            .like("burn", "step")
            .like("djl", "FactorTracker")
            .like("dl4j", "StepSchedule");

    static final ScheduleFamily LARGE_STEP = ScheduleFamily.of(
                    "large-step", "the largest rate that converges for long, then steps down", terms -> {
                        double factor = terms.number("factor");
                        Schedule down = new Step(terms.peak() * factor, factor, terms.count("every"));
                        return new Constant(terms.peak()).then(terms.count("stay"), down);
                    })
            .promising(ScheduleFamily.Promise.FALLS)
            .option("stay", "0.7", "steps at the large rate (Andriushchenko et al. 2023)")
            .option("every", "0.15", "steps of a level after it")
            .option("factor", "0.1", "factor between levels");

    public Step {
        Require.value("step", "initial", initial);
        Require.positive("step", "factor", factor);
        Require.notAbove("step", "factor", factor, "1", 1);
        Require.steps("step", "every", every);
    }

    @Override
    public double at(long step) {
        return initial * StrictMath.pow(factor, Require.step("step", step) / every);
    }
}
