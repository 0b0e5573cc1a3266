package org.lehr.engine.schedule.cycle;

import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleFamily;

/// A whole wave without end, `half` steps from `peak` down to `floor` and as many up again: what PyTorch's
/// CosineAnnealingLR does after its end.
public record CosineWave(double peak, double floor, long half) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "cosine-wave",
                    "a wave down and up again, without end",
                    terms -> new CosineWave(terms.peak(), terms.level("floor"), terms.count("half")))
            .promising(ScheduleFamily.Promise.CONTINUOUS)
            .option("half", "0.25", "steps from the peak to the floor")
            .floor("0")
            .like("torch", "CosineAnnealingLR", "half=1")
            .like("pytorch_optimizer", "cosine_annealing", "half=1");

    public CosineWave {
        Require.value("cosine wave", "peak", peak);
        Require.value("cosine wave", "floor", floor);
        Require.notAbove("cosine wave", "floor", floor, "peak", peak);
        Require.steps("cosine wave", "half", half);
    }

    @Override
    public double at(long step) {
        long place = Require.step("cosine wave", step) % (2 * half);
        return Decay.COSINE.between(peak, floor, (double) Math.min(place, 2 * half - place) / half);
    }
}
