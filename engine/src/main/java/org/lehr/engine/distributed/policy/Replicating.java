package org.lehr.engine.distributed.policy;

import java.util.Arrays;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.LoadPredictor;
import org.lehr.engine.distributed.placement.WindowMean;

/// Copies of popular experts that stay, optimizer state and all, until they are needed elsewhere (Nie et al. 2023,
/// FlexMoE). After each step in which a rank has more than its share, the expert with the most load for a copy on the
/// most loaded rank gets one more, on the least loaded rank that has a free place or a copy that another rank has too;
/// a few times, as long as the most loaded rank gets less.
public final class Replicating implements PlacementPolicy {

    /// What is allowed.
    ///
    /// @param places experts that a rank may hold in a layer
    /// @param threshold load of the most loaded rank over the mean from which on copies are made
    /// @param changes of a layer after a step at most
    public record Form(int places, double threshold, int changes) {

        public Form {
            if (places < 1 || !(threshold >= 1) || changes < 0) {
                throw new IllegalArgumentException(
                        "replicating: needs a place on each rank, a threshold of at least 1 and no negative number of"
                                + " changes, got " + places + ", " + threshold + " and " + changes);
            }
        }
    }

    private final Form form;
    private final LoadPredictor[] predictors;
    private final ExpertPlacement[] copies;
    private final ExpertPlacement[] before;

    public Replicating(int layers, int experts, int ranks, Form form) {
        ExpertPlacement even = ExpertPlacement.even(experts, ranks);
        if (Arrays.stream(even.sizes()).max().orElseThrow() > form.places) {
            throw new IllegalArgumentException("replicating: " + experts + " experts do not fit on " + ranks
                    + " ranks with " + form.places + " places");
        }
        this.form = form;
        predictors = new LoadPredictor[layers];
        Arrays.setAll(predictors, _ -> new WindowMean(experts, WindowMean.USUAL));
        copies = new ExpertPlacement[layers];
        Arrays.fill(copies, even);
        before = copies.clone();
    }

    @Override
    public String name() {
        return "replication (FlexMoE)";
    }

    @Override
    public LayerPlan plan(int layer) {
        return LayerPlan.kept(before[layer], copies[layer]);
    }

    @Override
    public void observe(double[]... loads) {
        for (int layer = 0; layer < copies.length; layer++) {
            predictors[layer].observe(loads[layer]);
            double[] expected = predictors[layer].predict();
            before[layer] = copies[layer];
            for (int change = 0; change < form.changes; change++) {
                ExpertPlacement better = better(copies[layer], expected);
                if (better == copies[layer]) {
                    break;
                }
                copies[layer] = better;
            }
        }
    }

    /// With one copy more, or `now` itself.
    private ExpertPlacement better(ExpertPlacement now, double... loads) {
        double[] of = loads(now, loads);
        int full = largest(of);
        double mean = Arrays.stream(of).average().orElseThrow();
        if (of[full] <= form.threshold * mean) {
            return now;
        }
        int hot = hottest(now, full, loads);
        int to = -1;
        for (int rank = 0; rank < of.length; rank++) {
            boolean open = !now.holds(rank, hot) && (hasPlace(now, rank) || spare(now, rank, loads) >= 0);
            if (open && (to < 0 || of[rank] < of[to])) {
                to = rank;
            }
        }
        if (to < 0) {
            return now;
        }
        int away = hasPlace(now, to) ? -1 : spare(now, to, loads);
        ExpertPlacement then = with(now, hot, to, away);
        return Arrays.stream(loads(then, loads)).max().orElseThrow() < of[full] ? then : now;
    }

    private static double[] loads(ExpertPlacement placement, double... loads) {
        double[] of = new double[placement.ranks()];
        for (int expert = 0; expert < loads.length; expert++) {
            for (int rank : placement.ranksOf(expert)) {
                of[rank] += loads[expert] / placement.copies(expert);
            }
        }
        return of;
    }

    private boolean hasPlace(ExpertPlacement placement, int rank) {
        return placement.expertsOn(rank).length < form.places;
    }

    private static int hottest(ExpertPlacement placement, int rank, double... loads) {
        int hot = -1;
        for (int expert : placement.expertsOn(rank)) {
            if (hot < 0 || loads[expert] / placement.copies(expert) > loads[hot] / placement.copies(hot)) {
                hot = expert;
            }
        }
        return hot;
    }

    /// The expert with the least load for a copy among those of `rank` that others have too; −1 for none.
    private static int spare(ExpertPlacement placement, int rank, double... loads) {
        int spare = -1;
        for (int expert : placement.expertsOn(rank)) {
            boolean other = placement.copies(expert) > 1;
            if (other
                    && (spare < 0
                            || loads[expert] / placement.copies(expert) < loads[spare] / placement.copies(spare))) {
                spare = expert;
            }
        }
        return spare;
    }

    private static ExpertPlacement with(ExpertPlacement placement, int expert, int rank, int away) {
        int[][] holders = new int[placement.experts()][];
        for (int i = 0; i < holders.length; i++) {
            holders[i] = placement.ranksOf(i);
            if (i == away) {
                holders[i] =
                        Arrays.stream(holders[i]).filter(other -> other != rank).toArray();
            }
            if (i == expert) {
                holders[i] = Arrays.copyOf(holders[i], holders[i].length + 1);
                holders[i][holders[i].length - 1] = rank;
            }
        }
        return ExpertPlacement.of(placement.ranks(), holders);
    }

    private static int largest(double... values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
