package org.lehr.engine.optim.recipe;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Extremum;
import org.lehr.engine.tensor.op.MaskedFill;
import org.lehr.engine.tensor.op.Minimum;

/// SM3-II (Anil et al. 2019): Adagrad with an accumulator for each slice along each dimension in place of one for
/// each element. With `νᵢ = min over the slices with i of µ + gᵢ²`, `u = g/√ν`, and each slice's `µ` becomes its
/// largest `ν`. State: a number for each index of each dimension, and a tensor with momentum.
///
/// @param rate learning rate
/// @param momentum decay of the running mean of `u`; whether there is one at all is decided by its value at step 0
/// @param epsilon below which `ν` counts as no gradient yet
public record Sm3(
        @Default("0.1") Schedule rate,
        @Default("0.9") Schedule momentum,
        @Default("1e-30") double epsilon) implements ChainRecipe {

    private static final String COVER = "cover";
    private static final String MEAN = "exp_avg";

    @Override
    public List<Transform> chain() {
        Rule cover = Rule.of(this::direction, Slot.of(COVER, p -> Tensor.full(0, p.device(), p.dtype(), indices(p))));
        Rule mean = Rule.of(this::moved, Slot.mean(MEAN));
        return momentum.at(0) > 0 ? List.of(cover, mean, new ScaleByRate(rate)) : List.of(cover, new ScaleByRate(rate));
    }

    private static long indices(Tensor p) {
        return p.rank() == 0 ? 1 : Arrays.stream(p.shape().toArray()).sum();
    }

    private Tensor direction(Tensor g, Cell cell) {
        if (g.rank() == 0) {
            return direction(g.reshape(1), cell).reshape();
        }
        Tensor cover = cell.get(COVER);
        Tensor least = null;
        long from = 0;
        for (int d = 0; d < g.rank(); d++) {
            long[] along = new long[g.rank()];
            Arrays.fill(along, 1);
            along[d] = g.extent(d);
            Tensor slice = cover.slice(0, from, from + g.extent(d)).reshape(along);
            least = least == null ? slice : Minimum.minimum(least, slice);
            from += g.extent(d);
        }
        Tensor nu = g.square().add(least);
        Tensor[] parts = new Tensor[g.rank()];
        for (int d = 0; d < g.rank(); d++) {
            int kept = d;
            int[] others = IntStream.range(0, g.rank()).filter(i -> i != kept).toArray();
            parts[d] = others.length == 0 ? nu : Extremum.max(nu, false, others);
        }
        cell.set(COVER, Concat.concat(0, parts));
        Tensor none = Compare.lessOrEqual(nu, nu.scalarLike(epsilon));
        return MaskedFill.maskedFill(g.div(nu.sqrt()), none, 0);
    }

    private Tensor moved(Tensor u, Cell cell) {
        double mu = cell.fraction("sm3: the momentum", momentum);
        return cell.set(MEAN, cell.get(MEAN).mul(mu).add(u.mul(1 - mu)));
    }
}
