package org.lehr.engine.nn.recurrent;

import java.util.List;
import org.lehr.engine.tensor.Tensor;

/// The plain cell (Elman 1990): `h ← f(W_ih·x + b_ih + W_hh·h + b_hh)`.
///
/// @param rectified whether `f` is the rectifier and not tanh
public record RnnCell(boolean rectified) implements Cell {

    /// With tanh.
    public RnnCell() {
        this(false);
    }

    @Override
    public int gates() {
        return 1;
    }

    @Override
    public List<Tensor> next(Tensor input, Tensor recurrent, List<Tensor> before) {
        Tensor sum = input.add(recurrent);
        return List.of(rectified ? sum.relu() : sum.tanh());
    }
}
