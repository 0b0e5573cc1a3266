package org.lehr.engine.schedule.cycle;

import java.util.List;
import org.lehr.engine.schedule.Interpolated;
import org.lehr.engine.schedule.Profile;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleTerms;

/// One cycle (Smith 2018): from `low` up to `peak` in `rise` steps, back to `low` in `fall` steps, and in `finish`
/// steps to `last`, orders of magnitude below. Without a `finish` it falls from `peak` to `last` at once. Stays at
/// `last`.
public record OneCycle(double low, double peak, double last, long rise, long fall, long finish, Profile shape)
        implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "one-cycle", "up, down, and far below at the end; momentum goes the other way", OneCycle::of)
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.OWN_WARM_UP)
            .option("rise", "0.45", "steps up")
            .option("finish", "0.1", "steps of the last phase, or 0 for none")
            .option("low", "0.04", "first number, as a share of the peak")
            .option("last", "0.0000004", "last number, as a share of the peak")
            .option("shape", "linear", "way of each phase")
            .like("dl4j", "CycleSchedule")
            .like("torch", "OneCycleLR", "rise=0.3,finish=0,last=0.000004,shape=cosine")
            .like("optax", "cosine_onecycle_schedule", "rise=0.3,finish=0,last=0.000004,shape=cosine")
            .like("optax", "linear_onecycle_schedule", "rise=0.3,finish=0.15,last=0.000004")
            .like("pytorch_optimizer", "one_cycle", "rise=0.3,finish=0,last=0.000004,shape=cosine");

    public OneCycle {
        Require.value("one-cycle", "low", low);
        Require.value("one-cycle", "peak", peak);
        Require.value("one-cycle", "last", last);
        Require.notAbove("one-cycle", "low", low, "peak", peak);
        Require.notAbove("one-cycle", "last", last, "low", low);
        Require.steps("one-cycle", "rise", rise);
        Require.steps("one-cycle", "fall", fall);
        Require.count("one-cycle", "finish", finish);
        Require.shape("one-cycle", shape, low, peak);
        Require.shape("one-cycle", shape, peak, last);
    }

    private static Schedule of(ScheduleTerms terms) {
        long rise = terms.count("rise");
        long finish = terms.countOrNone("finish");
        long fall = Math.max(1, terms.length() - rise - finish);
        return new OneCycle(
                terms.level("low"), terms.peak(), terms.level("last"), rise, fall, finish, terms.shape("shape"));
    }

    @Override
    public double at(long step) {
        Require.step("one-cycle", step);
        return finish == 0
                ? through(low, peak, last).at(step)
                : new Interpolated(
                                low, List.of(rise, rise + fall, rise + fall + finish), List.of(peak, low, last), shape)
                        .at(step);
    }

    private Schedule through(double first, double second, double third) {
        return new Interpolated(first, List.of(rise, rise + fall), List.of(second, third), shape);
    }

    /// The momentum that goes with it: from `highest` down to `lowest` at the peak, back, and level in the last
    /// phase.
    public Schedule momentum(double lowest, double highest) {
        Require.notAbove("one-cycle", "lowest", lowest, "highest", highest);
        return through(highest, lowest, highest);
    }
}
