package org.lehr.engine.optim.transform;

import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Maximum;

/// Adam's direction (Kingma, Ba 2015): `m ← β₁m + (1 − β₁)g`, `v ← β₂v + (1 − β₂)g²`, `u = m̂/(√v̂ + ε)`.
///
/// @param beta1 in `[0, 1)`
/// @param beta2 in `[0, 1)`
/// @param epsilon ε
/// @param maximal whether the largest `v` so far takes the place of `v` (Reddi, Kale, Kumar 2018)
public record ScaleByAdam(Schedule beta1, Schedule beta2, double epsilon, boolean maximal) implements Rule {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";
    private static final String LARGEST = "max_exp_avg_sq";

    public ScaleByAdam {
        Hyperparameter.amount("adam: epsilon", epsilon);
    }

    @Override
    public List<Slot> slots() {
        return Stream.of(Slot.mean(MEAN), Slot.square(SQUARE), Slot.square(LARGEST))
                .limit(maximal ? 3 : 2)
                .toList();
    }

    @Override
    public Update apply(Update update, Cell cell) {
        double b1 = cell.fraction("adam: beta1", beta1);
        double b2 = cell.fraction("adam: beta2", beta2);
        Tensor g = update.tensor();
        Tensor m = cell.set(MEAN, cell.get(MEAN).mul(b1).add(g.mul(1 - b1)));
        Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(g.mul(g).mul(1 - b2)));
        Tensor u = maximal ? cell.set(LARGEST, Maximum.maximum(cell.get(LARGEST), v)) : v;
        double correction = 1 / Math.sqrt(1 - Math.pow(b2, cell.step()));
        return Update.quotient(m, u.sqrt().mul(correction).add(epsilon)).over(1 - Math.pow(b1, cell.step()));
    }
}
