package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Eigen;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// SOAP (Vyas et al. 2024): Adam in the eigenbasis of Shampoo's statistics, `L ← β₃L + (1 − β₃)G·Gᵀ` and `R ← β₃R +
/// (1 − β₃)Gᵀ·G`. The basis is renewed every few steps; the mean is kept outside of it, the square inside. The
/// first gradient only sets the statistics. Sides longer than `largest` and vectors keep the usual basis. More than
/// two dimensions count as `[d₀, rest]`. State of `[m, n]`: `2(m² + n²)` numbers, and two tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param beta3 decay of the statistics
/// @param epsilon added to the root
/// @param every steps between new bases
/// @param largest side that has a basis
/// @param weightDecay decoupled
public record Soap(
        @Default("3e-3") Schedule rate,
        @Default("0.95") Schedule beta1,
        @Default("0.95") Schedule beta2,
        @Default("0.95") Schedule beta3,
        @Default("1e-8") double epsilon,
        @Default("10") long every,
        @Default("1024") long largest,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String LEFT = "left";
    private static final String RIGHT = "right";
    private static final String LEFT_BASIS = "left_basis";
    private static final String RIGHT_BASIS = "right_basis";
    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";

    public Soap {
        if (every < 1) {
            throw new IllegalArgumentException("soap: needs every ≥ 1, got " + every);
        }
    }

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(
                        this::direction,
                        Slot.of(LEFT, p -> Sides.square(p, 0, largest)),
                        Slot.of(RIGHT, p -> Sides.square(p, 1, largest)),
                        Slot.of(LEFT_BASIS, p -> Sides.square(p, 0, largest)),
                        Slot.of(RIGHT_BASIS, p -> Sides.square(p, 1, largest)),
                        Slot.mean(MEAN),
                        Slot.square(SQUARE)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Update direction(Update update, Cell cell) {
        double b1 = cell.fraction("soap: beta1", beta1);
        double b2 = cell.fraction("soap: beta2", beta2);
        double b3 = cell.fraction("soap: beta3", beta3);
        Tensor g = update.tensor();
        boolean matrix = g.rank() > 1 && g.size() > 0;
        Tensor flat = matrix ? g.reshape(g.extent(0), -1) : g;
        long t = matrix ? cell.step() - 1 : cell.step();
        Tensor u = flat;
        if (t > 0) {
            Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
            Tensor turned = rotated(flat, cell, true);
            Tensor v = cell.set(
                    SQUARE,
                    cell.get(SQUARE)
                            .mul(b2)
                            .add(turned.square().reshape(g.shape().toArray()).mul(1 - b2)));
            Tensor mean = rotated(matrix ? m.reshape(g.extent(0), -1) : m, cell, true);
            Tensor root = v.div(1 - Math.pow(b2, t)).sqrt().add(epsilon);
            u = rotated(mean.div(matrix ? root.reshape(g.extent(0), -1) : root), cell, false);
        }
        if (matrix) {
            renew(LEFT, LEFT_BASIS, flat.matmul(flat.transpose(0, 1)), b3, cell);
            renew(RIGHT, RIGHT_BASIS, flat.transpose(0, 1).matmul(flat), b3, cell);
        }
        Tensor shaped = u.reshape(g.shape().toArray());
        return t > 0 ? Update.of(shaped).over(1 - Math.pow(b1, t)) : Update.of(shaped.mul(0));
    }

    private void renew(String statistics, String bases, Tensor outer, double beta, Cell cell) {
        Tensor before = cell.get(statistics);
        if (before.size() > 0) {
            Tensor sum = cell.set(statistics, before.mul(beta).add(outer.mul(1 - beta)));
            if ((cell.step() - 1) % every == 0) {
                cell.set(bases, Eigen.of(sum).vectors());
            }
        }
    }

    /// Into the bases of both sides, or out of them.
    private static Tensor rotated(Tensor x, Cell cell, boolean in) {
        Tensor left = cell.get(LEFT_BASIS);
        Tensor right = cell.get(RIGHT_BASIS);
        Tensor turned = left.size() == 0 ? x : (in ? left.transpose(0, 1) : left).matmul(x);
        return right.size() == 0 ? turned : turned.matmul(in ? right : right.transpose(0, 1));
    }
}
