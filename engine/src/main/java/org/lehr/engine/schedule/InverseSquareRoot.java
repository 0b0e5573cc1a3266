package org.lehr.engine.schedule;

/// `peak·√(timescale / (timescale + step))`, falling for ever and never reaching 0.
///
/// After a [WarmUp] of `timescale` steps it is the schedule of the first transformer (Vaswani et al. 2017).
public record InverseSquareRoot(double peak, double timescale) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "inverse-sqrt", "like an inverse square root, without end", InverseSquareRoot::of)
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .option("timescale", "", "steps in which it falls to 0.71; else the warm-up, or a tenth of the run")
            .like("hf", "inverse_sqrt")
            .like("fairseq", "inverse_sqrt")
            .like("megatron", "inverse-square-root");

    public InverseSquareRoot {
        Require.value("inverse square root", "peak", peak);
        Require.positive("inverse square root", "timescale", timescale);
    }

    private static Schedule of(ScheduleTerms terms) {
        long usual = terms.warmUp() > 0 ? terms.warmUp() : Math.max(1, Math.round(0.1 * terms.steps()));
        return new InverseSquareRoot(terms.peak(), terms.has("timescale") ? terms.count("timescale") : usual);
    }

    @Override
    public double at(long step) {
        return peak * Math.sqrt(timescale / (timescale + Require.step("inverse square root", step)));
    }
}
