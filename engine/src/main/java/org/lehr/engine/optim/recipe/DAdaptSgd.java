package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Step;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// D-Adaptation for SGD with momentum (Defazio, Mishchenko 2023, algorithm 4): finds its rate from a growing lower
/// bound
/// `d` of the distance to the solution.
///
/// With `λ = rate·d/‖g₁‖`: `s ← s + λg`, `z ← z − λg`, `p ← p + (1 − β)(z − p)`, `d ← max(d, 2Σλ⟨g, s⟩/‖s‖)` with the
/// `s`
/// before the step in the product. State: two tensors and three numbers.
///
/// @param rate what the rate that is found is multiplied by
/// @param momentum β
/// @param first first `d`
/// @param weightDecay of the penalty `λ/2·p²`
public record DAdaptSgd(
        @Default("1") Schedule rate,
        @Default("0.9") Schedule momentum,
        @Default("1e-6") double first,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String SUM = "s";
    private static final String PLAIN = "z";
    private static final String DISTANCE = "d";
    private static final String NUMERATOR = "d_numerator";
    private static final String NORM = "first_norm";

    @Override
    public List<Transform> chain() {
        return List.of(new AddDecay(weightDecay), new Estimate(this));
    }

    private record Estimate(DAdaptSgd form) implements Transform {

        @Override
        public List<Slot> slots() {
            return List.of(
                    Slot.zeros(SUM),
                    Slot.of(PLAIN, value -> value),
                    Slot.sharedNumber(DISTANCE, form.first),
                    Slot.sharedNumber(NUMERATOR, 0),
                    Slot.sharedNumber(NORM, 0));
        }

        @Override
        public void apply(Step step) {
            double beta = step.fraction("dadaptsgd: the momentum", form.momentum);
            double d = step.number(DISTANCE);
            double norm = step.number(NORM);
            if (norm == 0) {
                norm = step.set(NORM, norm(step));
            }
            // Until there is a gradient there is nothing to measure by.
            double rate = norm == 0 ? 0 : step.amount("dadaptsgd: the rate", form.rate) * d / norm;
            double along = 0;
            double squares = 0;
            for (Cell cell : step.cells()) {
                Tensor g = cell.update().tensor();
                along += rate * Norms.dot(g, cell.get(SUM));
                double length = Norms.two(cell.set(SUM, cell.get(SUM).add(g.mul(rate))));
                squares += length * length;
                double own = rate * cell.group().rateFactor();
                Tensor z = cell.set(PLAIN, cell.get(PLAIN).sub(g.mul(own)));
                cell.place(cell.value().add(z.sub(cell.value()).mul(1 - beta)));
            }
            double sum = step.set(NUMERATOR, step.number(NUMERATOR) + along);
            step.set(DISTANCE, squares == 0 ? d : Math.max(d, 2 * sum / Math.sqrt(squares)));
        }

        private static double norm(Step step) {
            double squares = 0;
            for (Cell cell : step.cells()) {
                double length = Norms.two(cell.update().tensor());
                squares += length * length;
            }
            return Math.sqrt(squares);
        }
    }
}
