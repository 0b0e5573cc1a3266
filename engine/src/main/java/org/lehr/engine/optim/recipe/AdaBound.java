package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.Maximum;

/// AdaBound and AMSBound (Luo, Xiong, Liu, Sun 2019): Adam whose rate of each element is kept between two bounds
/// that come together at the rate of SGD: `η = clip(rate·c/(√v + ε), f·(1 − 1/(γt + 1)), f·(1 + 1/(γt)))`, `p ← p −
/// η·m`, with Adam's corrections `c` in the rate. State: two tensors, with `amsbound` three.
///
/// @param rate learning rate at the beginning
/// @param finalRate f, the rate of SGD at the end, times `rate(t)/rate(0)`
/// @param gamma γ, how fast the bounds come together
/// @param beta1 decay of the running mean
/// @param beta2 decay of the running square
/// @param epsilon added to the root
/// @param amsbound whether the largest running square counts
/// @param weightDecay of the penalty `λ/2·p²`
public record AdaBound(
        @Default("1e-3") Schedule rate,
        @Default("0.1") Schedule finalRate,
        @Default("1e-3") double gamma,
        @Default("0.9") Schedule beta1,
        @Default("0.999") Schedule beta2,
        @Default("1e-8") double epsilon,
        @Default("false") boolean amsbound,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";
    private static final String LARGEST = "max_exp_avg_sq";

    public AdaBound {
        if (!(gamma > 0)) {
            throw new IllegalArgumentException("adabound: gamma must be above 0, got " + gamma);
        }
    }

    @Override
    public List<Transform> chain() {
        Slot[] slots = amsbound
                ? new Slot[] {Slot.mean(MEAN), Slot.square(SQUARE), Slot.square(LARGEST)}
                : new Slot[] {Slot.mean(MEAN), Slot.square(SQUARE)};
        return List.of(new AddDecay(weightDecay), Rule.of(this::bounded, slots));
    }

    private Tensor bounded(Tensor g, Cell cell) {
        double b1 = cell.fraction("adabound: beta1", beta1);
        double b2 = cell.fraction("adabound: beta2", beta2);
        double now = cell.amount("adabound: the rate", rate);
        long t = cell.step();
        double last = cell.amount("adabound: the final rate", finalRate) * (now == 0 ? 0 : now / rate.at(0));
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(g.square().mul(1 - b2)));
        Tensor u = amsbound ? cell.set(LARGEST, Maximum.maximum(cell.get(LARGEST), v)) : v;
        double size = now * Math.sqrt(1 - Math.pow(b2, t)) / (1 - Math.pow(b1, t));
        Tensor rates = u.fullLike(size).div(u.sqrt().add(epsilon));
        Tensor bounded = Clamp.clamp(rates, last * (1 - 1 / (gamma * t + 1)), last * (1 + 1 / (gamma * t)));
        return bounded.mul(m).mul(cell.group().rateFactor());
    }
}
