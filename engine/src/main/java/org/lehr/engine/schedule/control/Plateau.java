package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleTerms;

/// A factor, at first 1, that falls when a measurement has not become better for a while. It composes with any
/// schedule, a warm-up among them: `base.times(plateau.schedule())`.
///
/// After more than `patience` measurements in a row that are no [Improvement], the factor is multiplied, and nothing
/// counts against it for `cooldown` measurements. A measurement that is not finite is no improvement.
public final class Plateau implements Controller {

    static final CodeEntry ENTRY = CodeEntry.of(
                    "plateau", "a factor that falls when a measurement stops improving", Plateau.class)
            .like("torch", "ReduceLROnPlateau")
            .like("optax", "reduce_on_plateau")
            .like("hf", "reduce_lr_on_plateau")
            .like("timm", "plateau")
            .like("fairseq", "reduce_lr_on_plateau");

    static final ControlFamily FAMILY = ControlFamily.of(ENTRY, Plateau::controlled)
            .measured()
            .option("factor", "0.1", "factor of each fall")
            .option("patience", "10", "measurements that may be no better")
            .option("cooldown", "0", "measurements after a fall that do not count")
            .option("lowest", "0", "factor where it stays");

    private static Controlled controlled(ScheduleTerms terms, Schedule base) {
        Plateau plateau = new Plateau(new Form(
                Measured.improvement(terms),
                terms.number("factor"),
                terms.whole("patience"),
                terms.whole("cooldown"),
                terms.number("lowest"),
                Measured.window(terms)));
        return Measured.factor(base, plateau, plateau::observe, terms);
    }

    /// When it falls and how far.
    ///
    /// @param improvement what counts as better
    /// @param factor of each fall, in `(0, 1)`; usually 0.1
    /// @param patience measurements that may be no better; usually 10
    /// @param cooldown measurements after a fall that do not count
    /// @param lowest where it stays
    /// @param window measurements of which the mean is judged; 1 for each alone
    public record Form(
            Improvement improvement, double factor, long patience, long cooldown, double lowest, long window) {

        /// As PyTorch has it.
        public static final Form DEFAULT = new Form(Improvement.OF_LOSS, 0.1, 10, 0, 0, 1);

        public Form {
            Require.positive("plateau", "factor", factor);
            Require.notAbove("plateau", "factor", factor, "1", 1);
            Require.count("plateau", "patience", patience);
            Require.count("plateau", "cooldown", cooldown);
            Require.share("plateau", "lowest", lowest);
            Require.steps("plateau", "window", window);
        }
    }

    private final Form form;
    private final Averager averager;
    private final Best best;
    private double value = 1;
    private long bad;
    private long cooling;

    public Plateau(Form form) {
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
            bad = 0;
        } else {
            bad++;
        }
        if (cooling > 0) {
            cooling--;
            bad = 0;
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
                "bad", bad,
                "cooling", cooling,
                "sum", averager.sum(),
                "count", averager.count());
    }

    @Override
    public void restore(Map<String, Double> state) {
        SavedState saved = SavedState.of("plateau", state, state().keySet());
        double savedValue = saved.amount("value");
        long savedBad = saved.count("bad");
        long savedCooling = saved.count("cooling");
        averager.restore(saved.number("sum"), saved.count("count"));
        value = savedValue;
        best.restore(saved);
        bad = savedBad;
        cooling = savedCooling;
    }
}
