package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainWrapper;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Step;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;

/// Limits the length of the whole gradient (Pascanu, Mikolov, Bengio 2013). For optimizers that are chains.
///
/// @param limit largest length
public record ClipNorm(@Default("1") Schedule limit) implements ChainWrapper {

    @Override
    public List<Transform> change(List<Transform> inner) {
        return Stream.concat(Stream.of(new Clip(limit)), inner.stream()).toList();
    }

    private record Clip(Schedule limit) implements Transform {

        @Override
        public void apply(Step step) {
            double most = step.amount("clipnorm: the limit", limit);
            double square = 0;
            for (Cell cell : step.cells()) {
                double length = Norms.two(cell.update().tensor());
                square += length * length;
            }
            double factor = square > most * most ? most / Math.sqrt(square) : 1;
            step.cells().forEach(cell -> cell.setUpdate(cell.update().scale(factor)));
        }
    }
}
