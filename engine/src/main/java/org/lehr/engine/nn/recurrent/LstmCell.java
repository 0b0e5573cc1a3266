package org.lehr.engine.nn.recurrent;

import java.util.List;
import org.lehr.engine.tensor.Tensor;

/// Long short-term memory (Hochreiter, Schmidhuber 1997; Gers et al. 2000) in PyTorch's order of gates, `i, f, g, o`:
/// `c ← σ(f)·c + σ(i)·tanh(g)`, `h ← σ(o)·tanh(c)`.
public record LstmCell() implements Cell {

    private static final int GATES = 4;

    @Override
    public int gates() {
        return GATES;
    }

    @Override
    public int memories() {
        return 2;
    }

    @Override
    public List<Tensor> next(Tensor input, Tensor recurrent, List<Tensor> before) {
        Tensor sums = input.add(recurrent);
        Tensor in = Cell.part(sums, 0, GATES).sigmoid();
        Tensor forget = Cell.part(sums, 1, GATES).sigmoid();
        Tensor fresh = Cell.part(sums, 2, GATES).tanh();
        Tensor out = Cell.part(sums, 3, GATES).sigmoid();
        Tensor cell = forget.mul(before.get(1)).add(in.mul(fresh));
        return List.of(out.mul(cell.tanh()), cell);
    }
}
