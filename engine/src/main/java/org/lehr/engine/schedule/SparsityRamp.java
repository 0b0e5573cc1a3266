package org.lehr.engine.schedule;

/// The share of weights that are pruned: 0 until `start`, then `last·(1 − (1 − r)^power)` with the share `r` of the
/// way to `end`, re-read every `every` steps (Zhu, Gupta 2017: power 3). Stays at `last`.
///
/// A ramp from a quarter to three quarters of the compute is near the best for the final loss (Jin et al. 2025).
///
/// @param last in `[0, 1)`
public record SparsityRamp(double last, long start, long end, double power, long every) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "sparsity", "the share of pruned weights, from 0 up to the peak", terms -> {
                        long end = terms.count("end");
                        long start = Math.min(terms.countOrNone("start"), end - 1);
                        long every = Math.max(1, terms.countOrNone("every"));
                        return new SparsityRamp(terms.peak(), start, end, terms.number("power"), every);
                    })
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.OWN_WARM_UP)
            .option("start", "0.25", "step at which pruning begins")
            .option("end", "0.75", "step at which the last weights are pruned")
            .option("power", "3", "power of the ramp; 1 is a line")
            .option("every", "0", "steps between two prunings");

    public SparsityRamp {
        Require.value("sparsity", "last", last);
        Require.count("sparsity", "start", start);
        Require.positive("sparsity", "power", power);
        Require.steps("sparsity", "every", every);
        if (end <= start) {
            throw new IllegalArgumentException("sparsity: end must be after start, got " + end + " and " + start);
        }
    }

    @Override
    public double at(long step) {
        if (Require.step("sparsity", step) >= end) {
            return last;
        }
        if (step < start) {
            return 0;
        }
        double share = (double) ((step - start) / every * every) / (end - start);
        return last * (1 - StrictMath.pow(1 - share, power));
    }

    /// The mean share of weights that are there over the first `steps` steps: times the number of parameters, the
    /// average parameter count of the scaling law for sparse training (Jin et al. 2025).
    ///
    /// @throws IllegalArgumentException when `last` is no share below 1
    public double meanDensity(long steps) {
        Require.steps("sparsity", "steps", steps);
        Require.share("sparsity", "last", last);
        double sum = 0;
        for (long step = 0; step < Math.min(steps, end); step++) {
            sum += 1 - at(step);
        }
        return (sum + Math.max(0, steps - end) * (1 - last)) / steps;
    }
}
