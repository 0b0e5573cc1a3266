package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainWrapper;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.tensor.Tensor;

/// OrthoGrad, or ⊥Grad (Prieto et al. 2025): takes from the gradient of each parameter the part along its value,
/// which only makes the weights longer, and gives the rest the gradient's length: `g⊥ = g − (p·g)/(p·p)·p`. For
/// optimizers that are chains.
///
/// @param rescale whether the length stays
public record OrthoGrad(@Default("true") boolean rescale) implements ChainWrapper {

    @Override
    public List<Transform> change(List<Transform> inner) {
        return Stream.concat(Stream.of(Rule.ofUpdate(this::orthogonal)), inner.stream())
                .toList();
    }

    private Update orthogonal(Update update, Cell cell) {
        Tensor g = update.tensor();
        Tensor p = cell.value();
        double square = Norms.dot(p, p);
        if (square == 0) {
            return Update.of(g);
        }
        Tensor rest = g.sub(p.mul(Norms.dot(p, g) / square));
        double length = rescale ? Norms.two(rest) : 0;
        return length == 0 ? Update.of(rest) : Update.of(rest).scale(Norms.two(g) / length);
    }
}
