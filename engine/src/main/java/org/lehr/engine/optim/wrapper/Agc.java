package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainWrapper;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Maximum;
import org.lehr.engine.tensor.op.Minimum;
import org.lehr.engine.tensor.op.Norm;

/// Adaptive gradient clipping (Brock et al. 2021): the gradient of each unit, a row of a matrix or a filter, is
/// made at most `clip` times as long as the unit; vectors count as one unit. For optimizers that are chains.
///
/// @param clip largest ratio of the lengths
/// @param least length that a unit counts as having at least
public record Agc(
        @Default("0.01") double clip, @Default("1e-3") double least) implements ChainWrapper {

    public Agc {
        if (!(clip > 0) || !(least > 0)) {
            throw new IllegalArgumentException("agc: needs clip and least above 0, got " + clip + " and " + least);
        }
    }

    @Override
    public List<Transform> change(List<Transform> inner) {
        return Stream.concat(Stream.of(Rule.of(this::clipped)), inner.stream()).toList();
    }

    private Tensor clipped(Tensor g, Cell cell) {
        if (g.size() == 0) {
            return g;
        }
        int[] unit = IntStream.range(g.rank() < 2 ? 0 : 1, g.rank()).toArray();
        Tensor value = g.rank() == 0 ? cell.value().abs() : Norm.norm(cell.value(), 2, true, unit);
        Tensor slope = g.rank() == 0 ? g.abs() : Norm.norm(g, 2, true, unit);
        Tensor longest = Maximum.maximum(value, value.scalarLike(least)).mul(clip);
        Tensor ratio = longest.div(Maximum.maximum(slope, slope.scalarLike(1e-30)));
        return g.mul(Minimum.minimum(ratio, ratio.scalarLike(1)));
    }
}
