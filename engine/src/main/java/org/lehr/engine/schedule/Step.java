package org.lehr.engine.schedule;

/// `initial·factor^⌊step/every⌋`: level for `every` steps, then `factor` of it, and so on without end (He et al. 2016).
///
/// @param factor above 0, at most 1
public record Step(double initial, double factor, long every) implements Schedule {

    public Step {
        Require.value("step", "initial", initial);
        Require.positive("step", "factor", factor);
        Require.notAbove("step", "factor", factor, "1", 1);
        Require.steps("step", "every", every);
    }

    @Override
    public double at(long step) {
        return initial * Math.pow(factor, Require.step("step", step) / every);
    }
}
