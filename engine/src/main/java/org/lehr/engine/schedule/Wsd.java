package org.lehr.engine.schedule;

/// Warm-up, stable, decay (Hu et al. 2024, MiniCPM): `warmUp` steps up to `peak`, `stable` steps there, and `decay`
/// steps down to `floor` in the shape `shape`. Stays at `floor`.
///
/// Nothing before the decay depends on where the run ends: a run that goes on from a step of the stable part can be
/// longer than was planned, which cosine does not allow.
public record Wsd(double peak, double floor, long warmUp, long stable, long decay, Profile shape) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of("wsd", "warm up, hold, fall at the end", Wsd::of)
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .option("decay", "0.2", "steps of the fall")
            .shape("one-minus-sqrt")
            .floor("0")
            .like("hf", "warmup_stable_decay", "shape=cosine")
            .like("pytorch_optimizer", "warmup_stable_decay")
            .like("megatron", "WSD", "shape=exponential");

    static final ScheduleFamily TRI_STAGE = ScheduleFamily.of(
                    "tri-stage", "from a hundredth up, hold, by equal factors down to a hundredth", terms -> {
                        long warm = terms.count("rise");
                        long stay = terms.count("stay");
                        long fall = Math.max(1, terms.length() - warm - stay);
                        double floor = terms.level("floor");
                        Schedule after = new Wsd(terms.peak(), floor, 0, stay, fall, Decay.GEOMETRIC);
                        return new WarmUp(warm, terms.share("start"), Decay.LINEAR, after);
                    })
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.OWN_WARM_UP)
            .option("rise", "0.1", "steps up")
            .option("stay", "0.4", "steps at the peak")
            .option("start", "0.01", "where it begins, as a share of the peak")
            .floor("0.01")
            .like("fairseq", "tri_stage");

    public Wsd {
        Require.value("wsd", "peak", peak);
        Require.value("wsd", "floor", floor);
        Require.notAbove("wsd", "floor", floor, "peak", peak);
        Require.count("wsd", "warmUp", warmUp);
        Require.count("wsd", "stable", stable);
        Require.steps("wsd", "decay", decay);
        Require.shape("wsd", shape, peak, floor);
    }

    private static Schedule of(ScheduleTerms terms) {
        long decay = Math.min(terms.count("decay"), terms.length());
        return new Wsd(terms.peak(), terms.level("floor"), 0, terms.length() - decay, decay, terms.shape());
    }

    @Override
    public double at(long step) {
        if (Require.step("wsd", step) < warmUp) {
            return (step + 1.0) / warmUp * peak;
        }
        long level = step - warmUp;
        return level < stable ? peak : shape.between(peak, floor, level - stable, decay);
    }
}
