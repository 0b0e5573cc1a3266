package org.lehr.engine.distributed.simulate;

import java.util.List;
import org.lehr.engine.nn.moe.RoutingTrace;

/// The choices of routers in a real run. The tokens of a call are cut into as many neighbouring parts as there are
/// ranks, and counted as many times as a rank has more of them.
public final class RecordedLoads implements Loads {

    private final List<List<RoutingTrace.Choice>> choices;
    private final int experts;
    private final int ranks;
    private final double slots;

    /// @param experts how many each router had
    /// @param slots choices that each rank is to have in a step
    /// @throws IllegalArgumentException when nothing was recorded, routers were called differently often, or a call
    /// has
    ///     fewer tokens than ranks
    public RecordedLoads(RoutingTrace trace, int experts, int ranks, double slots) {
        choices = List.copyOf(trace.choices().values());
        if (choices.isEmpty()
                || choices.stream()
                        .anyMatch(calls -> calls.size() != choices.getFirst().size())) {
            throw new IllegalArgumentException("recorded loads: need routers that were called equally often, got "
                    + choices.stream().map(List::size).toList() + " calls");
        }
        this.experts = experts;
        this.ranks = ranks;
        this.slots = slots;
    }

    /// How many steps were recorded.
    public int steps() {
        return choices.getFirst().size();
    }

    @Override
    public int layers() {
        return choices.size();
    }

    @Override
    public int experts() {
        return experts;
    }

    @Override
    public int ranks() {
        return ranks;
    }

    @Override
    public double[][] tokens(int step, int layer) {
        RoutingTrace.Choice choice = choices.get(layer).get(step);
        long perToken = choice.shape().extent(2);
        long[] indices = choice.indices();
        long tokens = indices.length / Math.max(1, perToken);
        if (tokens < ranks) {
            throw new IllegalArgumentException(
                    "recorded loads: " + tokens + " tokens cannot be shared out to " + ranks + " ranks");
        }
        double[][] counts = new double[ranks][experts];
        double used = 0;
        for (int slot = 0; slot < indices.length; slot++) {
            if (indices[slot] >= 0) {
                counts[(int) (slot / perToken * ranks / tokens)][(int) indices[slot]]++;
                used++;
            }
        }
        double factor = used == 0 ? 0 : slots * ranks / used;
        for (double[] of : counts) {
            for (int expert = 0; expert < experts; expert++) {
                of[expert] *= factor;
            }
        }
        return counts;
    }
}
