package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainWrapper;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Noise;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Adds normal noise to gradients whose variance falls, `η/(1 + t)^γ` (Neelakantan et al. 2015). For optimizers
/// that are chains.
///
/// @param eta η
/// @param gamma γ
/// @param seed of the noise
public record AddNoise(
        @Default("0.01") Schedule eta,
        @Default("0.55") double gamma,
        @Default("0") long seed) implements ChainWrapper {

    @Override
    public List<Transform> change(List<Transform> inner) {
        return Stream.concat(Stream.of(Rule.of(this::noisy)), inner.stream()).toList();
    }

    private Tensor noisy(Tensor g, Cell cell) {
        double variance = cell.amount("addnoise: eta", eta) / StrictMath.pow(1 + cell.index(), gamma);
        return variance == 0
                ? g
                : g.add(Noise.normal(seed, cell.path(), cell.index(), g).mul(Math.sqrt(variance)));
    }
}
