package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainWrapper;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Logical;
import org.lehr.engine.tensor.op.MaskedFill;
import org.lehr.kernels.DType;

/// Cautious steps (Liang et al. 2024): what of an update goes against the present gradient is left out, and the
/// rest made longer by the share that remains. For optimizers that are chains.
public record Cautious() implements ChainWrapper {

    @Override
    public List<Transform> change(List<Transform> inner) {
        return Stream.concat(inner.stream(), Stream.of(Rule.ofUpdate(Cautious::masked)))
                .toList();
    }

    private static Update masked(Update update, Cell cell) {
        Tensor g = cell.gradient().tensor();
        Tensor u = cell.placed() ? cell.value().sub(cell.next()) : update.tensor();
        Tensor agrees = u.mul(g).greater(u.scalarLike(0));
        double share = u.size() == 0 ? 1 : agrees.to(DType.FLOAT32).mean().item();
        Tensor kept = MaskedFill.maskedFill(u, Logical.not(agrees), 0).div(Math.max(share, 1e-3));
        if (cell.placed()) {
            cell.place(cell.value().sub(kept));
        }
        return Update.of(kept);
    }
}
