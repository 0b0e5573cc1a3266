package org.lehr.engine.schedule.cycle;

import java.util.List;
import org.lehr.engine.schedule.Profile;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleTerms;

/// WSD-S, the simplified one (Wen et al. 2024): one run with a finished model at each of several ends. Level at
/// `peak`, a decay to `floor` that ends at the first end, at once back to `peak` from the decayed weights, and so on.
/// Each decay has the share `decay` of the steps up to its end, but not more than its period. Stays at `floor` after
/// the last end.
///
/// @param ends steps that rise, the budgets
/// @param decay in `(0, 1]`, usually 0.1
public record WsdS(double peak, double floor, List<Long> ends, double decay, Profile shape) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "wsd-s", "level and down to each of several ends, and at once up again", WsdS::of)
            .option("ends", "0.25/0.5/1", "steps at which the model is to be finished")
            .option("decay", "0.1", "steps of a decay, as a share of those up to its end")
            .shape("inverse-proportional")
            .floor("0.1");

    public WsdS {
        ends = List.copyOf(ends);
        Require.value("wsd-s", "peak", peak);
        Require.value("wsd-s", "floor", floor);
        Require.notAbove("wsd-s", "floor", floor, "peak", peak);
        Require.rising("wsd-s", "ends", ends);
        Require.positive("wsd-s", "decay", decay);
        Require.share("wsd-s", "decay", decay);
        Require.shape("wsd-s", shape, peak, floor);
    }

    /// The ends are steps of the run, those of the record come after the warm-up.
    private static Schedule of(ScheduleTerms terms) {
        List<Long> ends =
                terms.counts("ends").stream().map(end -> end - terms.warmUp()).toList();
        return new WsdS(terms.peak(), terms.level("floor"), ends, terms.share("decay"), terms.shape());
    }

    @Override
    public double at(long step) {
        Require.step("wsd-s", step);
        long begin = 0;
        for (long end : ends) {
            if (step < end) {
                long steps = Math.clamp(Math.round(decay * end), 1, end - begin);
                long from = end - steps;
                return step < from ? peak : shape.between(peak, floor, step - from, steps);
            }
            begin = end;
        }
        return floor;
    }
}
