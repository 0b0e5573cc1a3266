package org.lehr.engine.schedule.cycle;

import org.lehr.engine.schedule.Proportional;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleTerms;

/// Triangles between `low` and `high` without end (Smith 2017): `up` steps up, `down` steps down, each triangle
/// `perCycle` times as high as the one before, and `perStep` times as high with every step.
///
/// `perCycle` 1 is *triangular*, ½ is *triangular2*; `perStep` below 1 is *exp_range*.
public record Cyclic(double low, double high, long up, long down, double perCycle, double perStep) implements Schedule {

    static final ScheduleFamily TRIANGULAR = family("triangular", "triangles of the same height", "1", "1")
            .promising(ScheduleFamily.Promise.CONTINUOUS)
            .like("torch", "CyclicLR")
            .like("fairseq", "triangular")
            .like("pytorch_optimizer", "cyclic")
            .like("djl", "CyclicalTracker");

    static final ScheduleFamily TRIANGULAR2 = family(
                    "triangular2", "triangles, each half as high as the one before", "0.5", "1")
            .promising(ScheduleFamily.Promise.CONTINUOUS)
            .like("torch", "CyclicLR(triangular2)");

    static final ScheduleFamily EXP_RANGE = family("exp-range", "triangles that shrink with every step", "1", "0.9995")
            .like("torch", "CyclicLR(exp_range)");

    public Cyclic {
        Require.value("cyclic", "low", low);
        Require.value("cyclic", "high", high);
        Require.notAbove("cyclic", "low", low, "high", high);
        Require.steps("cyclic", "up", up);
        Require.steps("cyclic", "down", down);
        Require.share("cyclic", "perCycle", perCycle);
        Require.share("cyclic", "perStep", perStep);
    }

    private static ScheduleFamily family(String name, String meaning, String perCycle, String perStep) {
        return ScheduleFamily.of(name, meaning, Cyclic::of)
                .promising(ScheduleFamily.Promise.OWN_WARM_UP)
                .option("low", "0.1", "lowest number, as a share of the peak")
                .option("up", "0.1", "steps up")
                .option("down", "", "steps down; else as many as up")
                .option("per-cycle", perCycle, "factor of the height with every triangle")
                .option("per-step", perStep, "factor of the height with every step");
    }

    private static Schedule of(ScheduleTerms terms) {
        long up = terms.count("up");
        return new Cyclic(
                terms.level("low"),
                terms.peak(),
                up,
                terms.has("down") ? terms.count("down") : up,
                terms.share("per-cycle"),
                terms.share("per-step"));
    }

    @Override
    public double at(long step) {
        long period = up + down;
        long place = Require.step("cyclic", step) % period;
        double height = place < up ? (double) place / up : (double) (period - place) / down;
        double factor = StrictMath.pow(perCycle, step / period) * StrictMath.pow(perStep, step);
        double share = height * factor;
        return low * (1 - share) + high * share;
    }

    /// The momentum that moves against it: `highest` at `low`, `lowest` at `high`.
    public Schedule momentum(double lowest, double highest) {
        return new Proportional(this, low, high, highest, lowest);
    }
}
