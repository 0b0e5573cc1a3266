package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Step;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// D-Adaptation for Adam (Defazio, Mishchenko 2023, algorithm 5): finds its rate from a growing lower bound `d` of
/// the distance to the solution. State: three tensors and two numbers.
///
/// @param rate what the rate that is found is multiplied by
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param epsilon added to the root
/// @param first first `d`
/// @param weightDecay decoupled
public record DAdaptAdam(
        @Default("1") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("1e-6") double first,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";
    private static final String SUM = "s";
    private static final String DISTANCE = "d";
    private static final String NUMERATOR = "d_numerator";

    @Override
    public List<Transform> chain() {
        return List.of(new Estimate(this));
    }

    private record Estimate(DAdaptAdam form) implements Transform {

        @Override
        public List<Slot> slots() {
            return List.of(
                    Slot.mean(MEAN),
                    Slot.square(SQUARE),
                    Slot.zeros(SUM),
                    Slot.sharedNumber(DISTANCE, form.first),
                    Slot.sharedNumber(NUMERATOR, 0));
        }

        @Override
        public void apply(Step step) {
            double b1 = step.fraction("dadaptadam: beta1", form.beta1);
            double b2 = step.fraction("dadaptadam: beta2", form.beta2);
            double now = step.amount("dadaptadam: the rate", form.rate);
            double d = step.number(DISTANCE);
            double keep = Math.sqrt(b2);
            double along = 0;
            double length = 0;
            for (Cell cell : step.cells()) {
                Tensor g = cell.update().tensor();
                Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul((1 - b1) * d * now)));
                Tensor v =
                        cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(g.square().mul(1 - b2)));
                Tensor root = v.sqrt().add(form.epsilon);
                along += Norms.dot(g, cell.get(SUM).div(root));
                Tensor s = cell.set(SUM, cell.get(SUM).mul(keep).add(g.mul((1 - keep) * d * now)));
                length += Norms.one(s);
                double factor = cell.group().rateFactor();
                cell.shrink(1 - now * factor * d * cell.decay("dadaptadam: the weight decay", form.weightDecay));
                cell.setUpdate(Update.quotient(m, root).scale(factor));
            }
            double r = step.set(NUMERATOR, keep * step.number(NUMERATOR) + (1 - keep) * d * now * along);
            step.set(DISTANCE, length == 0 ? d : Math.max(d, r / ((1 - keep) * length)));
        }
    }
}
