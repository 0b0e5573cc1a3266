package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.HessianDiagonal;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Step;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.Maximum;

/// Sophia-H (Liu et al. 2023): the momentum over the Hessian's diagonal, limited to a box: `u = clip(m/max(γ·h, ε),
/// ±1)`. The diagonal is estimated every few steps by second derivatives (a step asks for the loss) and kept as a
/// running mean. State: two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the momentum
/// @param beta2 decay of the diagonal
/// @param gamma γ, by which the box is made wide or narrow
/// @param epsilon ε
/// @param every steps between estimates
/// @param weightDecay decoupled
/// @param seed of the estimates
public record Sophia(
        @Default("6e-4") Schedule rate,
        @Default("0.965") Schedule beta1,
        @Default("0.99") Schedule beta2,
        @Default("0.01") Schedule gamma,
        @Default("1e-12") double epsilon,
        @Default("10") long every,
        @Default("0") Schedule weightDecay,
        @Default("0") long seed)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String DIAGONAL = "hessian";

    public Sophia {
        if (every < 1) {
            throw new IllegalArgumentException("sophia: needs every ≥ 1, got " + every);
        }
    }

    @Override
    public List<Transform> chain() {
        return List.of(
                new Estimate(this),
                Rule.of(this::direction, Slot.mean(MEAN)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Tensor direction(Tensor g, Cell cell) {
        double b1 = cell.fraction("sophia: beta1", beta1);
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor h = cell.get(DIAGONAL).mul(cell.amount("sophia: gamma", gamma));
        return Clamp.clamp(m.div(Maximum.maximum(h, h.scalarLike(epsilon))), -1, 1);
    }

    private record Estimate(Sophia form) implements Transform {

        @Override
        public List<Slot> slots() {
            return List.of(Slot.zeros(DIAGONAL));
        }

        @Override
        public void apply(Step step) {
            double b2 = step.fraction("sophia: beta2", form.beta2);
            if (step.index() % form.every == 0) {
                List<Tensor> diagonals = HessianDiagonal.estimate("sophia", step, form.seed);
                for (int i = 0; i < diagonals.size(); i++) {
                    Cell cell = step.cells().get(i);
                    cell.set(
                            DIAGONAL,
                            cell.get(DIAGONAL).mul(b2).add(diagonals.get(i).mul(1 - b2)));
                }
            }
        }

        @Override
        public boolean evaluates() {
            return true;
        }
    }
}
