package org.lehr.engine.schedule;

/// From `from` to `to` along a line: `from + (to − from)·step/steps`. Stays at `to`.
///
/// Down to 0 it is the schedule of Devlin et al. 2019; Bergsma et al. 2025 find it the best shape of decay.
public record Linear(double from, double to, long steps) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "linear",
                    "along a line",
                    terms -> new Linear(terms.level("from"), terms.level("floor"), terms.length()))
            .promising(ScheduleFamily.Promise.CONTINUOUS)
            .option("from", "1", "first number, as a share of the peak")
            .floor("0")
            .like("torch", "LinearLR", "from=0.3333333333333333,floor=1,over=5s")
            .like("optax", "linear_schedule")
            .like("hf", "linear")
            .like("pytorch_optimizer", "linear")
            .like("megatron", "linear")
            .like("burn", "linear")
            .like("djl", "LinearTracker")
            .like("megatron", "weight-decay linear", "from=0.1,floor=1");

    public Linear {
        Require.value("linear", "from", from);
        Require.value("linear", "to", to);
        Require.steps("linear", "steps", steps);
    }

    @Override
    public double at(long step) {
        if (Require.step("linear", step) >= steps) {
            return to;
        }
        double share = (double) step / steps;
        return from * (1 - share) + to * share;
    }
}
