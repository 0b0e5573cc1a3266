package org.lehr.engine.schedule;

/// `peak·√(timescale / (timescale + step))`, falling for ever and never reaching 0.
///
/// After a [WarmUp] of `timescale` steps it is the schedule of the first transformer (Vaswani et al. 2017).
public record InverseSquareRoot(double peak, double timescale) implements Schedule {

    public InverseSquareRoot {
        Require.value("inverse square root", "peak", peak);
        Require.positive("inverse square root", "timescale", timescale);
    }

    @Override
    public double at(long step) {
        return peak * Math.sqrt(timescale / (timescale + Require.step("inverse square root", step)));
    }
}
