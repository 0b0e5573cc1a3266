package org.lehr.engine.schedule.cycle;

import java.util.List;
import org.lehr.engine.schedule.Profile;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleFamily;

/// Re-warm and re-decay for continued pre-training (Gupta et al. 2023; Ibrahim et al. 2024): for each stretch of data
/// a warm-up along a line from 0 to `peak` and a decay to `floor` that ends with it. Stays at `floor` after the last.
///
/// @param ends steps at which the stretches end, rising
/// @param warm the share of a stretch that is warm-up, in `[0, 1)`; about 0.01
public record Rewarmed(double peak, double floor, List<Long> ends, double warm, Profile shape) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "rewarmed",
                    "for each stretch of data up along a line and down again",
                    terms -> new Rewarmed(
                            terms.peak(),
                            terms.level("floor"),
                            terms.counts("ends"),
                            terms.share("rise"),
                            terms.shape("shape")))
            .promising(ScheduleFamily.Promise.OWN_WARM_UP)
            .option("ends", "0.5/1", "steps at which the stretches end")
            .option("rise", "0.02", "share of a stretch that is warm-up")
            .option("shape", "cosine", "way down")
            .floor("0.1");

    public Rewarmed {
        ends = List.copyOf(ends);
        Require.value("rewarmed", "peak", peak);
        Require.value("rewarmed", "floor", floor);
        Require.notAbove("rewarmed", "floor", floor, "peak", peak);
        Require.rising("rewarmed", "ends", ends);
        Require.share("rewarmed", "warm", warm);
        Require.notAbove("rewarmed", "warm", warm, "0.99", 0.99);
        Require.shape("rewarmed", shape, peak, floor);
    }

    @Override
    public double at(long step) {
        Require.step("rewarmed", step);
        long begin = 0;
        for (long end : ends) {
            if (step < end) {
                long rise = Math.min(Math.round(warm * (end - begin)), end - begin - 1);
                long place = step - begin;
                return place < rise
                        ? peak * (place + 1) / rise
                        : shape.between(peak, floor, place - rise, end - begin - rise);
            }
            begin = end;
        }
        return floor;
    }
}
