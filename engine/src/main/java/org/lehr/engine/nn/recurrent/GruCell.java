package org.lehr.engine.nn.recurrent;

import java.util.List;
import org.lehr.engine.tensor.Tensor;

/// The gated recurrent unit (Cho et al. 2014) in PyTorch's form and order of gates, `r, z, n`:
/// `r = σ(x_r + h_r)`, `z = σ(x_z + h_z)`, `n = tanh(x_n + r·h_n)`, `h ← (1 − z)·n + z·h`.
public record GruCell() implements Cell {

    private static final int GATES = 3;

    @Override
    public int gates() {
        return GATES;
    }

    @Override
    public List<Tensor> next(Tensor input, Tensor recurrent, List<Tensor> before) {
        Tensor reset =
                Cell.part(input, 0, GATES).add(Cell.part(recurrent, 0, GATES)).sigmoid();
        Tensor update =
                Cell.part(input, 1, GATES).add(Cell.part(recurrent, 1, GATES)).sigmoid();
        Tensor fresh = Cell.part(input, 2, GATES)
                .add(reset.mul(Cell.part(recurrent, 2, GATES)))
                .tanh();
        return List.of(fresh.add(update.mul(before.getFirst().sub(fresh))));
    }
}
