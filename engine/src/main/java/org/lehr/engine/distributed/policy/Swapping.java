package org.lehr.engine.distributed.policy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.LoadPredictor;
import org.lehr.engine.distributed.placement.WindowMean;

/// Expert parallelism that changes the places of experts now and then (Zhai et al. 2023, SmartMoE): by falling load,
/// each expert goes to the least loaded rank that has a free place, and its optimizer state with it.
public final class Swapping implements PlacementPolicy {

    private final int every;
    private final LoadPredictor[] predictors;
    private final ExpertPlacement[] places;
    private final ExpertPlacement[] before;
    private int steps;

    /// @param every how many steps places stay; 25 was best where Hecate's authors tried it
    public Swapping(int layers, int experts, int ranks, int every) {
        if (every < 1) {
            throw new IllegalArgumentException("swapping: places stay for at least one step, got " + every);
        }
        this.every = every;
        predictors = new LoadPredictor[layers];
        Arrays.setAll(predictors, _ -> new WindowMean(experts, WindowMean.USUAL));
        places = new ExpertPlacement[layers];
        Arrays.fill(places, ExpertPlacement.even(experts, ranks));
        before = places.clone();
    }

    @Override
    public String name() {
        return "swaps (SmartMoE)";
    }

    @Override
    public LayerPlan plan(int layer) {
        return LayerPlan.kept(before[layer], places[layer]);
    }

    @Override
    public void observe(double[]... loads) {
        steps++;
        for (int layer = 0; layer < places.length; layer++) {
            predictors[layer].observe(loads[layer]);
            ExpertPlacement now = places[layer];
            places[layer] = steps % every == 0 ? balanced(now, predictors[layer].predict()) : now;
            before[layer] = now;
        }
    }

    /// As many experts on each rank as before.
    private static ExpertPlacement balanced(ExpertPlacement now, double... loads) {
        int[] free = now.sizes();
        double[] of = new double[now.ranks()];
        int[] owners = new int[now.experts()];
        IntStream.range(0, owners.length)
                .boxed()
                .sorted((a, b) -> Double.compare(loads[b], loads[a]))
                .forEach(expert -> {
                    int best = -1;
                    for (int rank = 0; rank < free.length; rank++) {
                        if (free[rank] > 0 && (best < 0 || of[rank] < of[best])) {
                            best = rank;
                        }
                    }
                    owners[expert] = best;
                    of[best] += loads[expert];
                    free[best]--;
                });
        return ExpertPlacement.owned(now.ranks(), owners);
    }
}
