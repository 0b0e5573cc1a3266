package org.lehr.engine.schedule.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.LongConsumer;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleTerms;
import org.lehr.engine.schedule.predict.ExponentialForecast;
import org.lehr.engine.schedule.predict.GaussianProcess;

/// A learning rate for each stage of a run, found while it runs (Jin et al. 2021, AutoLRS).
///
/// Before a stage some rates are tried for a few steps each, from the same saved state. The losses of a try are
/// extrapolated to the end of the stage ([ExponentialForecast]); a [GaussianProcess] over the logarithm of the rate
/// says which to try next, by the lowest `mean − κ·deviation`. The stage is then trained with the rate of the lowest
/// forecast, again from the saved state: what was tried leaves no trace.
///
/// The state has the rate of every stage, so it grows by a number with each.
public final class AutoLrs implements Controller {

    static final CodeEntry ENTRY = CodeEntry.of(
            "auto-lrs", "a rate for each stage, found by Bayesian optimisation with rollback", AutoLrs.class);

    static final ControlFamily FAMILY = ControlFamily.of(ENTRY, AutoLrs::controlled)
            .option("lowest", "0.1", "lowest factor of what comes after it")
            .option("highest", "10", "highest factor")
            .option("stage", "0.05", "steps of the first stage; each is twice as long as the one before")
            .option("longest", "0.4", "steps of the longest stage")
            .option("probes", "10", "rates tried before a stage")
            .option("share", "0.1", "steps of a try, as a share of its stage")
            .option("kappa", "1", "how much an uncertain rate is preferred");

    private static Controlled controlled(ScheduleTerms terms, Schedule base) {
        AutoLrs search = new AutoLrs(new Form(
                terms.number("lowest"),
                terms.number("highest"),
                terms.count("stage"),
                terms.count("longest"),
                Math.toIntExact(terms.whole("probes")),
                terms.share("share"),
                terms.number("kappa")));
        Searching listener = new Searching(search);
        return new Controlled(base.times(listener.factor().schedule()), listener);
    }

    /// How it searches.
    ///
    /// @param lowest the lowest rate, above 0
    /// @param highest the highest rate
    /// @param stage steps of the first stage; each is twice as long as the one before
    /// @param longest steps of the longest stage
    /// @param probes rates tried before a stage, at least 3; usually 10
    /// @param share steps of a try, as a share of its stage; usually 0.1
    /// @param kappa how much an uncertain rate is preferred; usually 1
    public record Form(
            double lowest, double highest, long stage, long longest, int probes, double share, double kappa) {

        /// As in the paper, between these rates.
        public static Form of(double lowest, double highest, long stage) {
            return new Form(lowest, highest, stage, 8 * stage, 10, 0.1, 1);
        }

        public Form {
            Require.positive("auto-lrs", "lowest", lowest);
            Require.positive("auto-lrs", "highest", highest);
            Require.notAbove("auto-lrs", "lowest", lowest, "highest", highest);
            Require.notAbove("auto-lrs", "stage", stage, "longest", longest);
            Require.positive("auto-lrs", "share", share);
            Require.share("auto-lrs", "share", share);
            Require.value("auto-lrs", "kappa", kappa);
            if (probes < 3) {
                throw new IllegalArgumentException("auto-lrs: probes must be at least 3, got " + probes);
            }
            if (Math.round(share * stage) < 4) {
                throw new IllegalArgumentException(
                        "auto-lrs: a try must have at least 4 steps, got " + share + " of " + stage);
            }
        }
    }

    private static final int PLACES = 201;

    private final Form form;
    private final List<Double> rates = new ArrayList<>();

    public AutoLrs(Form form) {
        this.form = form;
    }

    /// The rate of the last stage; before the first one, the lowest.
    @Override
    public double value() {
        return rates.isEmpty() ? form.lowest : rates.getLast();
    }

    /// The rates of the stages so far.
    public List<Double> rates() {
        return List.copyOf(rates);
    }

    /// Steps of the next stage.
    public long stageSteps() {
        return stageSteps(rates.size());
    }

    private long stageSteps(int stage) {
        long steps = form.stage;
        for (int i = 0; i < stage && steps < form.longest; i++) {
            steps = Math.min(form.longest, 2 * steps);
        }
        return steps;
    }

    /// Steps of all stages that have a rate.
    public long searchedSteps() {
        long steps = 0;
        for (int stage = 0; stage < rates.size(); stage++) {
            steps += stageSteps(stage);
        }
        return steps;
    }

    /// Searches the rate of the next stage and trains the stage with it.
    ///
    /// @param stepped told how many steps of the stage were taken, after each
    /// @throws IllegalStateException when the training diverges at every rate that was tried
    public void stage(Trial trial, LongConsumer stepped) {
        long steps = stageSteps();
        search(trial);
        for (long step = 1; step <= steps; step++) {
            trial.step(value());
            stepped.accept(step);
        }
    }

    /// Searches the rate of the next stage; afterwards the training is where it was.
    ///
    /// @throws IllegalStateException when the training diverges at every rate that was tried
    public void search(Trial trial) {
        try (Trial.Saved saved = trial.save()) {
            rates.add(search(trial, saved, stageSteps()));
        }
    }

    private double search(Trial trial, Trial.Saved saved, long steps) {
        double low = StrictMath.log(form.lowest);
        double high = StrictMath.log(form.highest);
        double[] places = new double[form.probes];
        double[] forecasts = new double[form.probes];
        int best = 0;
        for (int i = 0; i < form.probes; i++) {
            places[i] = i < 3 ? low + (i + 0.5) / 3 * (high - low) : next(places, forecasts, i, low, high);
            forecasts[i] = forecast(trial, StrictMath.exp(places[i]), steps);
            saved.restore();
            best = forecasts[i] < forecasts[best] ? i : best;
        }
        if (!Double.isFinite(forecasts[best])) {
            throw new IllegalStateException(
                    "auto-lrs: the training diverged at every rate from " + form.lowest + " to " + form.highest);
        }
        return StrictMath.exp(places[best]);
    }

    /// The loss that `rate` is expected to reach by the end of the stage; infinite where the training diverged.
    private double forecast(Trial trial, double rate, long steps) {
        double[] losses = new double[(int) Math.round(form.share * steps)];
        for (int t = 0; t < losses.length; t++) {
            losses[t] = trial.step(rate);
            if (!Double.isFinite(losses[t])) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return ExponentialForecast.fit(losses).at(steps);
    }

    /// The place with the lowest confidence bound. Rates that diverged count as one range worse than the worst
    /// other.
    private double next(double[] places, double[] forecasts, int count, double low, double high) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            if (Double.isFinite(forecasts[i])) {
                least = Math.min(least, forecasts[i]);
                most = Math.max(most, forecasts[i]);
            }
        }
        double[] x = new double[count];
        double[] y = new double[count];
        for (int i = 0; i < count; i++) {
            x[i] = places[i];
            double worse = most > least ? 2 * most - least : least + 1;
            y[i] = Double.isFinite(forecasts[i]) ? forecasts[i] : Double.isFinite(least) ? worse : places[i];
        }
        GaussianProcess process = GaussianProcess.fit(GaussianProcess.Kernel.MATERN52, x, y);
        double bound = Double.POSITIVE_INFINITY;
        double found = low;
        for (int i = 0; i < PLACES; i++) {
            double place = low + i / (PLACES - 1.0) * (high - low);
            GaussianProcess.Prediction prediction = process.at(place);
            double here = prediction.mean() - form.kappa * prediction.deviation();
            if (here < bound) {
                bound = here;
                found = place;
            }
        }
        return found;
    }

    @Override
    public SequencedMap<String, Double> state() {
        SequencedMap<String, Double> state = new LinkedHashMap<>();
        for (int i = 0; i < rates.size(); i++) {
            state.put("rate." + i, rates.get(i));
        }
        return state;
    }

    @Override
    public void restore(Map<String, Double> state) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < state.size(); i++) {
            names.add("rate." + i);
        }
        SavedState saved = SavedState.of("auto-lrs", state, names);
        List<Double> restored = new ArrayList<>();
        for (String name : names) {
            restored.add(saved.amount(name));
        }
        rates.clear();
        rates.addAll(restored);
    }
}
