package org.lehr.engine.schedule;

import java.util.Objects;

/// Warm-up, stable, decay (Hu et al. 2024, MiniCPM): `warmUp` steps up to `peak`, `stable` steps there, and `decay`
/// steps down to `floor` in the shape `shape`. Stays at `floor`.
///
/// Nothing before the decay depends on where the run ends: a run that goes on from a step of the stable part can be
/// longer than was planned, which cosine does not allow.
public record Wsd(double peak, double floor, long warmUp, long stable, long decay, Decay shape) implements Schedule {

    public Wsd {
        Require.value("wsd", "peak", peak);
        Require.value("wsd", "floor", floor);
        Require.notAbove("wsd", "floor", floor, "peak", peak);
        Require.value("wsd", "warmUp", warmUp);
        Require.value("wsd", "stable", stable);
        Require.steps("wsd", "decay", decay);
        Objects.requireNonNull(shape, "shape");
    }

    @Override
    public double at(long step) {
        if (Require.step("wsd", step) < warmUp) {
            return WarmUp.share(step, warmUp) * peak;
        }
        long level = step - warmUp;
        return level < stable ? peak : shape.between(peak, floor, level - stable, decay);
    }
}
