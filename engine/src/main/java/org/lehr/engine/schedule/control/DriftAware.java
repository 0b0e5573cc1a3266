package org.lehr.engine.schedule.control;

import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Tabulated;

/// The learning rate that is best for the next step when what is to be learnt drifts (Fahrbach et al. 2023, linear
/// regression with isotropic inputs).
///
/// It follows the risk `A`, the expected squared distance to the true parameters. A step with rate `η` on `b` samples
/// makes it `A(1 − 2η + η²(1 + (d + 1)/b)) + η²s²d/b`, so the best rate is `η = A / (A(1 + (d + 1)/b) + s²d/b)`. Each
/// drift adds its squared distance to the risk: the rate jumps up and then falls again, like `1/t` while nothing
/// moves.
public final class DriftAware implements Controller {

    static final CodeEntry ENTRY = CodeEntry.of(
            "drift-aware", "the rate that is best under drift, from a recursion of the risk", DriftAware.class);

    /// The problem.
    ///
    /// @param dimension d
    /// @param noise s, the deviation of the targets
    /// @param batch b
    /// @param risk A at the beginning
    public record Form(long dimension, double noise, long batch, double risk) {

        public Form {
            Require.steps("drift-aware", "dimension", dimension);
            Require.value("drift-aware", "noise", noise);
            Require.steps("drift-aware", "batch", batch);
            Require.value("drift-aware", "risk", risk);
        }
    }

    private final Form form;
    private final double spread;
    private final double floor;
    private double risk;

    public DriftAware(Form form) {
        this.form = form;
        this.spread = 1 + (form.dimension + 1.0) / form.batch;
        this.floor = form.noise * form.noise * form.dimension / form.batch;
        this.risk = form.risk;
    }

    /// The rate, 0 when there is no risk.
    @Override
    public double value() {
        return risk == 0 ? 0 : risk / (risk * spread + floor);
    }

    /// A, the expected squared distance to the true parameters.
    public double risk() {
        return risk;
    }

    /// A step was taken with the rate [#value].
    public void stepped() {
        double rate = value();
        risk = risk * (1 - 2 * rate + rate * rate * spread) + rate * rate * floor;
    }

    /// The true parameters moved by a vector of this squared length, known or estimated.
    public void drifted(double squaredDistance) {
        Require.value("drift-aware", "squaredDistance", squaredDistance);
        risk += squaredDistance;
    }

    /// The schedule of a run whose drifts are known before.
    ///
    /// @param drifts the squared length of the drift just before each step
    public static Tabulated schedule(Form form, double[] drifts) {
        DriftAware controller = new DriftAware(form);
        double[] rates = new double[drifts.length];
        for (int step = 0; step < rates.length; step++) {
            controller.drifted(drifts[step]);
            rates[step] = controller.value();
            controller.stepped();
        }
        return Tabulated.of(rates);
    }

    @Override
    public SequencedMap<String, Double> state() {
        return SavedState.write("risk", risk);
    }

    @Override
    public void restore(Map<String, Double> state) {
        risk = SavedState.of("drift-aware", state, state().keySet()).amount("risk");
    }
}
