package org.lehr.engine.optim.recipe;

import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.HessianDiagonal;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Step;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// AdaHessian (Yao et al. 2021): Adam with the Hessian's diagonal in place of the gradient in the running square,
/// `u = m̂/(v̂^(k/2) + ε)`. The diagonal is estimated in every step by second derivatives (a step asks for the
/// loss); that of convolutions is averaged over a filter's window. State: two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param epsilon added to the root
/// @param power k
/// @param weightDecay decoupled
/// @param seed of the estimates
public record AdaHessian(
        @Default("0.15") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-4") double epsilon,
        @Default("1") double power,
        @Default("0") Schedule weightDecay,
        @Default("0") long seed)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_hessian_diag_sq";

    @Override
    public List<Transform> chain() {
        return List.of(new Estimate(this), new Shrink(rate, weightDecay), new ScaleByRate(rate));
    }

    private Update direction(Tensor g, Tensor diagonal, Cell cell) {
        double b1 = cell.fraction("adahessian: beta1", beta1);
        double b2 = cell.fraction("adahessian: beta2", beta2);
        Tensor d = diagonal.abs();
        if (d.rank() > 2) {
            int[] window = IntStream.range(2, d.rank()).toArray();
            d = d.mean(true, window).expand(d.shape().toArray());
        }
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(d.square().mul(1 - b2)));
        Tensor root = v.div(1 - Math.pow(b2, cell.step())).sqrt();
        return Update.quotient(m, (power == 1 ? root : root.pow(power)).add(epsilon))
                .over(1 - Math.pow(b1, cell.step()));
    }

    private record Estimate(AdaHessian form) implements Transform {

        @Override
        public List<Slot> slots() {
            return List.of(Slot.mean(MEAN), Slot.square(SQUARE));
        }

        @Override
        public void apply(Step step) {
            List<Tensor> diagonals = HessianDiagonal.estimate("adahessian", step, form.seed);
            for (int i = 0; i < diagonals.size(); i++) {
                Cell cell = step.cells().get(i);
                cell.setUpdate(form.direction(cell.update().tensor(), diagonals.get(i), cell));
            }
        }

        @Override
        public boolean evaluates() {
            return true;
        }
    }
}
