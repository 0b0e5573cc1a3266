package org.lehr.engine.schedule;

/// Half a wave from `peak` down to `floor`: `floor + (peak − floor)·½(1 + cos(π·step/steps))` (Loshchilov, Hutter 2017,
/// without restarts). Stays at `floor`.
public record Cosine(double peak, double floor, long steps) implements Schedule {

    public Cosine {
        Require.value("cosine", "peak", peak);
        Require.value("cosine", "floor", floor);
        Require.notAbove("cosine", "floor", floor, "peak", peak);
        Require.steps("cosine", "steps", steps);
    }

    @Override
    public double at(long step) {
        return Decay.COSINE.between(peak, floor, Require.step("cosine", step), steps);
    }
}
