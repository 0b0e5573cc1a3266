package org.lehr.engine.schedule;

import java.util.List;

/// A level for each stretch of steps: the first number up to the first boundary, the next from there on, and so on.
/// The last one goes on for ever.
///
/// @param boundaries steps above 0 that rise
/// @param values one more than boundaries
public record Levels(List<Long> boundaries, List<Double> values) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "levels",
                    "a level for each stretch of steps",
                    terms -> new Levels(terms.counts("at"), terms.levels("values")))
            .option("at", "0.5/0.75", "steps at which the next level begins")
            .option("values", "1/0.1/0.01", "the levels, as shares of the peak")
            .like("torch", "ConstantLR", "at=5s,values=0.3333333333333333/1")
            .like("optax", "piecewise_constant_schedule")
            .like("fairseq", "manual")
            .like("dl4j", "MapSchedule");

    static final ScheduleFamily MULTI_STEP = ScheduleFamily.of(
                    "multi-step",
                    "times a factor at given steps",
                    terms -> Levels.falling(terms.peak(), terms.number("factor"), terms.counts("at")))
            .promising(ScheduleFamily.Promise.FALLS)
            .option("at", "0.5/0.75", "steps at which it falls")
            .option("factor", "0.1", "factor of each fall")
            .like("torch", "MultiStepLR")
            .like("timm", "multistep")
            .like("pytorch_optimizer", "multi_step")
            .like("djl", "MultiFactorTracker");

    public Levels {
        boundaries = List.copyOf(boundaries);
        values = List.copyOf(values);
        Require.rising("levels", "boundaries", boundaries);
        for (double value : values) {
            Require.value("levels", "values", value);
        }
        if (values.size() != boundaries.size() + 1) {
            throw new IllegalArgumentException("levels: expected one value more than boundaries, got " + values.size()
                    + " values and " + boundaries.size() + " boundaries");
        }
    }

    /// `initial·factor^i` after `i` of the boundaries.
    public static Levels falling(double initial, double factor, List<Long> boundaries) {
        Require.positive("multi-step", "factor", factor);
        Require.notAbove("multi-step", "factor", factor, "1", 1);
        Double[] values = new Double[boundaries.size() + 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = initial * StrictMath.pow(factor, i);
        }
        return new Levels(boundaries, List.of(values));
    }

    @Override
    public double at(long step) {
        Require.step("levels", step);
        int level = 0;
        while (level < boundaries.size() && step >= boundaries.get(level)) {
            level++;
        }
        return values.get(level);
    }
}
