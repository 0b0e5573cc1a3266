package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleTerms;

/// A factor, at first 1, that rises while a measurement improves and falls while it does not (GreedyLR; Subramanian,
/// Ganapathiraman 2025).
///
/// After more than `patience` improvements in a row it is divided by `factor`, and improvements do not count for
/// `warmup` measurements; after more than `patience` others in a row it is multiplied by it, and those do not count
/// for `cooldown` measurements. It stays between `lowest` and `highest`.
public final class Greedy implements Controller {

    static final CodeEntry ENTRY = CodeEntry.of(
                    "greedy", "a factor that rises while a measurement improves and falls while not", Greedy.class)
            .like("hf", "greedy");

    static final ControlFamily FAMILY = ControlFamily.of(ENTRY, Greedy::controlled)
            .measured()
            .option("factor", "0.95", "factor of a fall; a rise divides by it")
            .option("patience", "10", "measurements of a kind in a row that change nothing")
            .option("warmup", "0", "measurements after a rise in which improvements do not count")
            .option("cooldown", "0", "measurements after a fall in which others do not count")
            .option("lowest", "0.01", "lowest factor")
            .option("highest", "10", "highest factor");

    private static Controlled controlled(ScheduleTerms terms, Schedule base) {
        Greedy greedy = new Greedy(new Form(
                Measured.improvement(terms),
                terms.number("factor"),
                terms.whole("patience"),
                terms.whole("warmup"),
                terms.whole("cooldown"),
                terms.number("lowest"),
                terms.number("highest"),
                Measured.window(terms)));
        return Measured.factor(base, greedy, greedy::observe, terms);
    }

    /// When it changes and how far.
    ///
    /// @param improvement what counts as better than the best one so far
    /// @param factor in `(0, 1)`; usually 0.95
    /// @param patience measurements of a kind in a row that change nothing
    /// @param warmup measurements after a rise in which improvements do not count
    /// @param cooldown measurements after a fall in which others do not count
    /// @param lowest above 0
    /// @param highest at least 1
    /// @param window measurements of which the mean is judged
    public record Form(
            Improvement improvement,
            double factor,
            long patience,
            long warmup,
            long cooldown,
            double lowest,
            double highest,
            long window) {

        /// Patience 10, between a hundredth and ten times the base.
        public static final Form DEFAULT = new Form(Improvement.OF_LOSS, 0.95, 10, 0, 0, 0.01, 10, 1);

        public Form {
            Require.positive("greedy", "factor", factor);
            Require.notAbove("greedy", "factor", factor, "1", 1);
            Require.count("greedy", "patience", patience);
            Require.count("greedy", "warmup", warmup);
            Require.count("greedy", "cooldown", cooldown);
            Require.positive("greedy", "lowest", lowest);
            Require.notAbove("greedy", "lowest", lowest, "1", 1);
            Require.value("greedy", "highest", highest);
            Require.notAbove("greedy", "1", 1, "highest", highest);
            Require.steps("greedy", "window", window);
        }
    }

    private final Form form;
    private final Averager averager;
    private final Best best;
    private double value = 1;
    private long good;
    private long bad;
    private long warming;
    private long cooling;

    public Greedy(Form form) {
        this.form = form;
        this.averager = new Averager(form.window);
        this.best = new Best(form.improvement);
    }

    /// Takes in a measurement.
    public void observe(double measurement) {
        OptionalDouble mean = averager.add(measurement);
        if (mean.isPresent()) {
            judge(mean.getAsDouble());
        }
    }

    private void judge(double now) {
        if (best.improves(now)) {
            good++;
            bad = 0;
        } else {
            bad++;
            good = 0;
        }
        if (cooling > 0) {
            cooling--;
            bad = 0;
        }
        if (warming > 0) {
            warming--;
            good = 0;
        }
        if (good > form.patience) {
            value = Math.min(form.highest, value / form.factor);
            warming = form.warmup;
            good = 0;
        }
        if (bad > form.patience) {
            value = Math.max(form.lowest, value * form.factor);
            cooling = form.cooldown;
            bad = 0;
        }
    }

    @Override
    public double value() {
        return value;
    }

    @Override
    public SequencedMap<String, Double> state() {
        return SavedState.write(
                "value", value,
                "measured", best.measured(),
                "best", best.value(),
                "good", good,
                "bad", bad,
                "warming", warming,
                "cooling", cooling,
                "sum", averager.sum(),
                "count", averager.count());
    }

    @Override
    public void restore(Map<String, Double> state) {
        SavedState saved = SavedState.of("greedy", state, state().keySet());
        double savedValue = saved.amount("value");
        long[] counts = {saved.count("good"), saved.count("bad"), saved.count("warming"), saved.count("cooling")};
        averager.restore(saved.number("sum"), saved.count("count"));
        value = savedValue;
        best.restore(saved);
        good = counts[0];
        bad = counts[1];
        warming = counts[2];
        cooling = counts[3];
    }
}
