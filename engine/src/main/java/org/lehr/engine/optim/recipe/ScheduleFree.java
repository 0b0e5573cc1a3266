package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Averaging;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Memory;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Step;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Schedule-free learning (Defazio et al. 2024): a constant rate and no end in sight. Gradients are taken at `y = x
/// + (1 − β)(z − x)`, steps change `z`, and `x`, the weighted mean of all `z`, is what is used
/// ([org.lehr.engine.optim.Optimizer#evaluating]). The base is AdamW or, with `adaptive=false`, SGD. State: two
/// tensors and a number, with AdamW one tensor more.
///
/// @param rate learning rate; its square weighs the mean
/// @param beta β, how near to the mean gradients are taken
/// @param beta2 decay of the running square
/// @param epsilon added to the root
/// @param adaptive whether the base is AdamW
/// @param weightDecay of `y`
public record ScheduleFree(
        @Default("2.5e-3") Schedule rate,
        @Default("0.9") Schedule beta,
        @Default("0.999") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("true") boolean adaptive,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String STEPPED = "z";
    private static final String MEAN = "x";
    private static final String SQUARE = "exp_avg_sq";
    private static final String WEIGHT = "weight_sum";

    @Override
    public List<Transform> chain() {
        return List.of(new Weigh(rate), new Move(this));
    }

    /// The sum of the weights so far.
    private record Weigh(Schedule rate) implements Transform {

        @Override
        public List<Slot> slots() {
            return List.of(Slot.sharedNumber(WEIGHT, 0));
        }

        @Override
        public void apply(Step step) {
            double now = step.amount("schedulefree: the rate", rate);
            step.set(WEIGHT, step.number(WEIGHT) + now * now);
        }
    }

    private record Move(ScheduleFree form) implements Rule, Averaging {

        @Override
        public List<Slot> slots() {
            Slot z = Slot.of(STEPPED, p -> p);
            Slot x = Slot.of(MEAN, p -> p);
            return form.adaptive ? List.of(z, x, Slot.square(SQUARE)) : List.of(z, x);
        }

        @Override
        public Update apply(Update update, Cell cell) {
            double now = cell.amount("schedulefree: the rate", form.rate);
            double b = cell.fraction("schedulefree: beta", form.beta);
            double lambda = cell.decay("schedulefree: the weight decay", form.weightDecay);
            Tensor g = update.tensor();
            Tensor u = form.adaptive ? divided(g, cell) : g;
            Tensor pulled = u.add(cell.value().mul(lambda));
            Tensor z = cell.set(
                    STEPPED, cell.get(STEPPED).sub(pulled.mul(now * cell.group().rateFactor())));
            double sum = cell.shared(WEIGHT) + now * now;
            double share = sum == 0 ? 0 : now * now / sum;
            Tensor x = start(MEAN, cell);
            Tensor mean = cell.set(MEAN, x.add(z.sub(x).mul(share)));
            cell.place(between(mean, z, b));
            return update;
        }

        /// Before the first step, the value that the parameter has by then.
        private static Tensor start(String slot, Cell cell) {
            return cell.step() == 1 ? cell.value() : cell.get(slot);
        }

        private Tensor divided(Tensor g, Cell cell) {
            double b2 = cell.fraction("schedulefree: beta2", form.beta2);
            Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(g.square().mul(1 - b2)));
            return g.div(v.div(1 - Math.pow(b2, cell.step())).sqrt().add(form.epsilon));
        }

        private static Tensor between(Tensor x, Tensor z, double beta) {
            return x.add(z.sub(x).mul(1 - beta));
        }

        @Override
        public Tensor used(Memory memory, String path) {
            return memory.get(MEAN, path);
        }

        @Override
        public Tensor trained(Memory memory, String path, long steps) {
            return between(memory.get(MEAN, path), memory.get(STEPPED, path), form.beta.at(Math.max(0, steps - 1)));
        }
    }
}
