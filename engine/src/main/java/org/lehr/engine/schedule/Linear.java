package org.lehr.engine.schedule;

/// From `from` to `to` along a line: `from + (to − from)·step/steps`. Stays at `to`.
///
/// Down to 0 it is the schedule of Devlin et al. 2019; Bergsma et al. 2025 find it the best shape of decay.
public record Linear(double from, double to, long steps) implements Schedule {

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
