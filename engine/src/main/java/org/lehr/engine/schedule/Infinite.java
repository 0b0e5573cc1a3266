package org.lehr.engine.schedule;

/// For streams without an end (Ibrahim et al. 2024; Singh et al. 2025): from `peak` down to `level` in `cooldown`
/// steps, then `level` for ever. Whoever needs a finished model takes [#annealed] from any step of the level part;
/// the stream goes on from the checkpoint before it, so that nothing has to be warmed up again.
///
/// @param cooling the shape of the cooldown, usually [Decay#COSINE] or an [InverseRoot]
public record Infinite(double peak, double level, long cooldown, Profile cooling) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "infinite", "down to a level that can last for ever, and an annealing at the end", Infinite::of)
            .promising(ScheduleFamily.Promise.CONTINUOUS, ScheduleFamily.Promise.FALLS)
            .option("cooldown", "0.3", "steps from the peak to the level")
            .option("level", "0.5", "level, as a share of the peak")
            .option("anneal", "0.15", "steps of the annealing at the end, or 0 for none")
            .floor("0.01")
            .option("shape", "cosine", "way from the peak to the level, such as inverse-root");

    public Infinite {
        Require.value("infinite", "peak", peak);
        Require.positive("infinite", "level", level);
        Require.notAbove("infinite", "level", level, "peak", peak);
        Require.steps("infinite", "cooldown", cooldown);
        Require.shape("infinite", cooling, peak, level);
    }

    private static Schedule of(ScheduleTerms terms) {
        long anneal = Math.min(terms.countOrNone("anneal"), terms.length());
        Infinite trunk =
                new Infinite(terms.peak(), terms.level("level"), terms.count("cooldown"), terms.shape("shape"));
        return anneal == 0 ? trunk : trunk.annealed(terms.length() - anneal, anneal, terms.level("floor"));
    }

    /// This up to `from`, and from there `level·(floor/level)^((step − from)/steps)`.
    public Schedule annealed(long from, long steps, double floor) {
        return branch(from, steps, floor, Decay.GEOMETRIC);
    }

    @Override
    public double at(long step) {
        return cooling.between(peak, level, Require.step("infinite", step), cooldown);
    }
}
