package org.lehr.engine.nn.recurrent;

import java.util.List;
import org.lehr.engine.tensor.Tensor;

/// The leaky integrator of computational neuroscience: `h ← (1 − α)·h + α·f(W_ih·x + b_ih + W_hh·h + b_hh)`, where `α`
/// is
/// the length of a time step over the time constant of a unit.
///
/// @param alpha in `(0, 1]`; 1 is [RnnCell]
/// @param rectified whether `f` is the rectifier and not tanh
public record LeakyCell(double alpha, boolean rectified) implements Cell {

    public LeakyCell {
        if (!(alpha > 0 && alpha <= 1)) {
            throw new IllegalArgumentException("leaky cell: alpha must be in (0, 1], got " + alpha);
        }
    }

    @Override
    public int gates() {
        return 1;
    }

    @Override
    public List<Tensor> next(Tensor input, Tensor recurrent, List<Tensor> before) {
        Tensor sum = input.add(recurrent);
        Tensor driven = rectified ? sum.relu() : sum.tanh();
        return List.of(before.getFirst().mul(1 - alpha).add(driven.mul(alpha)));
    }
}
