package org.lehr.engine.optim.recipe;

import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.NewtonSchulz;
import org.lehr.engine.optim.transform.Partition;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByAdam;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Muon (Jordan et al. 2024): the momentum of matrices is replaced by its nearest orthogonal matrix; vectors take
/// AdamW steps. More than two dimensions count as `[d₀, rest]`. Embeddings and heads are matrices here too; where
/// they should not be, they need an optimizer of their own. State: one tensor for matrices, two for vectors.
///
/// @param rate of the orthogonal steps
/// @param momentum of matrices, by Nesterov
/// @param steps of Newton and Schulz's iteration
/// @param rms whether a step of a matrix is made as long as AdamW's, `0.2·√max(m, n)` (Liu et al. 2025), instead of
///     `√max(1, m/n)`
/// @param vectorRate what the rate is multiplied by for vectors
/// @param weightDecay decoupled
public record Muon(
        @Default("0.02") Schedule rate,
        @Default("0.95") Schedule momentum,
        @Default("5") long steps,
        @Default("false") boolean rms,
        @Default("0.1") double vectorRate,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MOMENTUM = "momentum_buffer";

    @Override
    public List<Transform> chain() {
        Rule matrices = Rule.ofUpdate(this::orthogonal, Slot.mean(MOMENTUM));
        Rule vectors = new ScaleByAdam(new Constant(0.9), new Constant(0.95), 1e-8, false);
        Rule slower = Rule.ofUpdate((update, _) -> update.scale(vectorRate));
        return List.of(
                new Partition(value -> value.rank() > 1, List.of(matrices), List.of(vectors, slower)),
                new Shrink(rate, weightDecay),
                new ScaleByRate(rate));
    }

    private Update orthogonal(Update update, Cell cell) {
        double mu = cell.fraction("muon: the momentum", momentum);
        Tensor g = update.tensor();
        Tensor m = cell.set(MOMENTUM, cell.get(MOMENTUM).mul(mu).add(g.mul(1 - mu)));
        Tensor ahead = g.mul(1 - mu).add(m.mul(mu));
        long rows = g.extent(0);
        long columns = rows == 0 ? 0 : g.size() / rows;
        Tensor o = NewtonSchulz.orthogonal(ahead.reshape(rows, columns), steps);
        double scale = rms ? 0.2 * Math.sqrt(Math.max(rows, columns)) : Math.sqrt(Math.max(1, rows / (double) columns));
        return Update.of(o.reshape(g.shape().toArray())).scale(scale);
    }
}
