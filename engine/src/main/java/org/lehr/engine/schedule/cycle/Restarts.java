package org.lehr.engine.schedule.cycle;

import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Profile;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleTerms;

/// Warm restarts (Loshchilov, Hutter 2017, SGDR): from `peak` to `floor` in `first` steps, then again from the
/// beginning, each cycle `longer` times as long and its peak `lower` times as high as before, but not below `floor`.
/// After `cycles` of them it stays at `floor`.
///
/// @param longer from 1 to a million; where cycles begin is rounded to steps
/// @param lower in `(0, 1]`
/// @param cycles 0 for no end
public record Restarts(double peak, double floor, long first, double longer, double lower, long cycles, Profile shape)
        implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "restarts", "half a wave down, again and again", Restarts::of)
            .option("first", "0.25", "steps of the first cycle")
            .option("longer", "1", "factor of the length with every cycle")
            .option("lower", "1", "factor of the peak with every cycle")
            .option("cycles", "0", "number of cycles, or 0 for no end")
            .shape("cosine")
            .floor("0")
            .like("torch", "CosineAnnealingWarmRestarts")
            .like("optax", "sgdr_schedule")
            .like("hf", "cosine_with_restarts", "first=1,cycles=1")
            .like("timm", "cycle_mul")
            .like("fairseq", "cosine")
            .like("pytorch_optimizer", "cosine_annealing_with_warm_restart")
            .like("pytorch_optimizer", "cosine_annealing_with_warmup");

    public Restarts {
        Require.value("restarts", "peak", peak);
        Require.value("restarts", "floor", floor);
        Require.notAbove("restarts", "floor", floor, "peak", peak);
        Require.steps("restarts", "first", first);
        Require.positive("restarts", "longer", longer);
        Require.notAbove("restarts", "1", 1, "longer", longer);
        Require.notAbove("restarts", "longer", longer, "a million", 1e6);
        Require.positive("restarts", "lower", lower);
        Require.notAbove("restarts", "lower", lower, "1", 1);
        Require.count("restarts", "cycles", cycles);
        Require.shape("restarts", shape, peak, floor);
    }

    /// Equal cycles of half waves without end.
    public Restarts(double peak, double floor, long first) {
        this(peak, floor, first, 1, 1, 0, Decay.COSINE);
    }

    private static Schedule of(ScheduleTerms terms) {
        return new Restarts(
                terms.peak(),
                terms.level("floor"),
                terms.count("first"),
                terms.number("longer"),
                terms.number("lower"),
                (long) terms.number("cycles"),
                terms.shape());
    }

    @Override
    public double at(long step) {
        long cycle = cycle(Require.step("restarts", step));
        if (cycles > 0 && cycle >= cycles) {
            return floor;
        }
        double height = Math.max(floor, peak * StrictMath.pow(lower, cycle));
        return shape.between(height, floor, share(step, cycle));
    }

    private double share(long step, long cycle) {
        if (longer == 1) {
            return (double) (step % first) / first;
        }
        double begin = begin(cycle);
        // Steps beyond 2⁵³ are no exact doubles.
        return Math.clamp((step - begin) / (begin(cycle + 1) - begin), 0, 1);
    }

    private long cycle(long step) {
        if (longer == 1) {
            return step / first;
        }
        long cycle = (long) (StrictMath.log1p(step * (longer - 1) / first) / StrictMath.log1p(longer - 1));
        while (cycle > 0 && begin(cycle) > step) {
            cycle--;
        }
        while (begin(cycle + 1) <= step) {
            cycle++;
        }
        return cycle;
    }

    /// The step at which a cycle begins where cycles grow: `first·(longerⁿ − 1)/(longer − 1)`, rounded.
    private double begin(long cycle) {
        return StrictMath.rint(first * StrictMath.expm1(cycle * StrictMath.log1p(longer - 1)) / (longer - 1));
    }
}
