package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainWrapper;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;

/// Limits each element of the gradient to `[−limit, limit]`; NaN stays. For optimizers that are chains.
///
/// @param limit largest magnitude
public record ClipValue(@Default("1") Schedule limit) implements ChainWrapper {

    @Override
    public List<Transform> change(List<Transform> inner) {
        return Stream.concat(Stream.of(Rule.of(this::clipped)), inner.stream()).toList();
    }

    private Tensor clipped(Tensor g, Cell cell) {
        double most = cell.amount("clipvalue: the limit", limit);
        return Clamp.clamp(g, -most, most);
    }
}
