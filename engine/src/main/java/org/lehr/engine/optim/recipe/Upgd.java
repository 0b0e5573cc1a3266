package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.HessianDiagonal;
import org.lehr.engine.optim.transform.Noise;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Step;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Utility-based perturbed gradient descent (Elsayed, Mahmood 2024), for learning that goes on: weights that are of
/// use are protected, others are moved by noise. The utility of a weight is how much the loss would rise without
/// it, `U = −g·p` (with `second`, `+ ½h·p²` for the Hessian's diagonal `h`, estimated by Hutchinson; a step asks
/// for the loss then), as a running mean over its largest value: `u = σ(Û/max Û)`, `p ← p·(1 − rate·λ) − rate·(g +
/// ξ)(1 − u)`. State: one tensor.
///
/// @param rate learning rate
/// @param beta decay of the utility
/// @param sigma standard deviation of the noise ξ
/// @param second whether curvature counts
/// @param protect whether useful weights are spared the gradient too, and not only the noise
/// @param local whether the largest utility is that of each parameter instead of all
/// @param weightDecay λ
/// @param seed of the noise
public record Upgd(
        @Default("0.01") Schedule rate,
        @Default("0.999") Schedule beta,
        @Default("1e-3") Schedule sigma,
        @Default("false") boolean second,
        @Default("true") boolean protect,
        @Default("false") boolean local,
        @Default("0") Schedule weightDecay,
        @Default("0") long seed)
        implements ChainRecipe {

    private static final String UTILITY = "utility";

    @Override
    public List<Transform> chain() {
        return List.of(new Gate(this), new Shrink(rate, weightDecay), new ScaleByRate(rate));
    }

    private record Gate(Upgd form) implements Transform {

        @Override
        public List<Slot> slots() {
            return List.of(Slot.zeros(UTILITY));
        }

        @Override
        public boolean evaluates() {
            return form.second;
        }

        @Override
        public void apply(Step step) {
            double b = step.fraction("upgd: beta", form.beta);
            double deviation = step.amount("upgd: sigma", form.sigma);
            List<Tensor> diagonals = form.second ? HessianDiagonal.estimate("upgd", step, form.seed) : List.of();
            double[] largest = new double[step.cells().size()];
            double most = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < largest.length; i++) {
                Cell cell = step.cells().get(i);
                Tensor p = cell.value();
                Tensor now = cell.update().tensor().mul(p).neg();
                if (form.second) {
                    now = now.add(diagonals.get(i).mul(p.square()).mul(0.5));
                }
                Tensor mean = cell.set(UTILITY, cell.get(UTILITY).mul(b).add(now.mul(1 - b)));
                largest[i] = mean.size() == 0 ? 0 : mean.max().item() / correction(b, cell);
                most = Math.max(most, largest[i]);
            }
            for (int i = 0; i < largest.length; i++) {
                Cell cell = step.cells().get(i);
                cell.setUpdate(gated(cell, correction(b, cell), form.local ? largest[i] : most, deviation));
            }
        }

        private static double correction(double beta, Cell cell) {
            return 1 - Math.pow(beta, cell.step());
        }

        private Update gated(Cell cell, double correction, double largest, double deviation) {
            Tensor utility = cell.get(UTILITY);
            // Where nothing is of use, nothing is protected more than anything else.
            Tensor scaled = largest <= 0 ? utility.mul(0) : utility.div(correction * largest);
            Tensor gate = scaled.sigmoid().neg().add(1);
            Tensor g = cell.update().tensor();
            Tensor noise = deviation == 0
                    ? null
                    : Noise.normal(form.seed, cell.path(), cell.index(), g).mul(deviation);
            if (form.protect) {
                return Update.of((noise == null ? g : g.add(noise)).mul(gate));
            }
            return Update.of(noise == null ? g : g.add(noise.mul(gate)));
        }
    }
}
