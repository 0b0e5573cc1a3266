package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Eigen;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Shampoo (Gupta, Koren, Singer 2018): `L ← β₂L + G·Gᵀ`, `R ← β₂R + Gᵀ·G`, `u = L^(−¼)·G·R^(−¼)`, scaled to the
/// length of the gradient's Adagrad step (grafting; Anil et al. 2020), then momentum. Sides longer than `largest`
/// stay as they are, vectors take Adagrad steps. More than two dimensions count as `[d₀, rest]`. State of `[m, n]`:
/// `2(m² + n²)` numbers for sides that are not too long, and two tensors.
///
/// @param rate learning rate
/// @param momentum decay of the running mean of `u`
/// @param beta2 decay of the statistics, 1 for their sums
/// @param epsilon smallest eigenvalue, as a share of the largest
/// @param every steps between new roots
/// @param largest side that has a preconditioner
/// @param weightDecay decoupled
public record Shampoo(
        @Default("0.03") Schedule rate,
        @Default("0.9") Schedule momentum,
        @Default("1") double beta2,
        @Default("1e-6") double epsilon,
        @Default("10") long every,
        @Default("1024") long largest,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String LEFT = "left";
    private static final String RIGHT = "right";
    private static final String LEFT_ROOT = "left_root";
    private static final String RIGHT_ROOT = "right_root";
    private static final String SQUARES = "sum";
    private static final String MEAN = "exp_avg";

    public Shampoo {
        if (every < 1 || !(beta2 > 0 && beta2 <= 1)) {
            throw new IllegalArgumentException(
                    "shampoo: needs every ≥ 1 and beta2 in (0, 1], got " + every + " and " + beta2);
        }
    }

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(
                        this::preconditioned,
                        Slot.of(LEFT, p -> Sides.square(p, 0, largest)),
                        Slot.of(RIGHT, p -> Sides.square(p, 1, largest)),
                        Slot.of(LEFT_ROOT, p -> Sides.square(p, 0, largest)),
                        Slot.of(RIGHT_ROOT, p -> Sides.square(p, 1, largest)),
                        Slot.zeros(SQUARES)),
                Rule.of(this::moved, Slot.mean(MEAN)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Update preconditioned(Update update, Cell cell) {
        Tensor g = update.tensor();
        Tensor sums = cell.set(SQUARES, cell.get(SQUARES).mul(beta2).add(g.square()));
        Tensor adagrad = g.div(sums.sqrt().add(1e-10));
        if (g.rank() < 2 || g.size() == 0) {
            return Update.of(adagrad);
        }
        Tensor matrix = g.reshape(g.extent(0), -1);
        Tensor left = root(LEFT, LEFT_ROOT, matrix.matmul(matrix.transpose(0, 1)), cell);
        Tensor right = root(RIGHT, RIGHT_ROOT, matrix.transpose(0, 1).matmul(matrix), cell);
        Tensor u = left == null ? matrix : left.matmul(matrix);
        u = right == null ? u : u.matmul(right);
        double length = Norms.two(u);
        return Update.of(u.reshape(g.shape().toArray())).scale(length == 0 ? 0 : Norms.two(adagrad) / length);
    }

    /// The root that preconditions a side, null for a side without one.
    private Tensor root(String statistics, String roots, Tensor outer, Cell cell) {
        Tensor before = cell.get(statistics);
        if (before.size() == 0) {
            return null;
        }
        Tensor sum = cell.set(statistics, before.mul(beta2).add(outer));
        return (cell.step() - 1) % every == 0 ? cell.set(roots, Eigen.of(sum).power(-0.25, epsilon)) : cell.get(roots);
    }

    private Tensor moved(Tensor u, Cell cell) {
        double mu = cell.fraction("shampoo: the momentum", momentum);
        return cell.set(MEAN, cell.get(MEAN).mul(mu).add(u.mul(1 - mu)));
    }
}
