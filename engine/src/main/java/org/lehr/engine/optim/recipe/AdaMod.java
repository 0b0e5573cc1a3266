package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Minimum;

/// AdaMod (Ding, Ren, Luo, Sun 2019): Adam whose rate of each element, `η = rate/(√v̂ + ε)`, is at most its own
/// running mean `s ← β₃s + (1 − β₃)η`, which keeps the first steps small. State: three tensors.
///
/// @param rate learning rate
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param beta3 decay of the running rate; 0 is Adam
/// @param epsilon added to the root
/// @param weightDecay decoupled
public record AdaMod(
        @Default("1e-3") Schedule rate,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("0.999") Schedule beta3,
        @Default("1e-8") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";
    private static final String RATE = "exp_avg_lr";

    @Override
    public List<Transform> chain() {
        return List.of(
                Rule.ofUpdate(this::moved, Slot.mean(MEAN), Slot.square(SQUARE), Slot.square(RATE)),
                new Shrink(rate, weightDecay));
    }

    private Update moved(Update update, Cell cell) {
        double b1 = cell.fraction("adamod: beta1", beta1);
        double b2 = cell.fraction("adamod: beta2", beta2);
        double b3 = cell.fraction("adamod: beta3", beta3);
        double now = cell.rate("adamod: the rate", rate);
        Tensor g = update.tensor();
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(g.square().mul(1 - b2)));
        Tensor root = v.div(1 - Math.pow(b2, cell.step())).sqrt().add(epsilon);
        Tensor eta = v.fullLike(now).div(root);
        Tensor s = cell.set(RATE, cell.get(RATE).mul(b3).add(eta.mul(1 - b3)));
        return Update.of(Minimum.minimum(eta, s).mul(m)).over(1 - Math.pow(b1, cell.step()));
    }
}
