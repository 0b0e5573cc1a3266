package org.lehr.engine.distributed.placement;

import java.util.Random;
import java.util.stream.IntStream;

/// Placements drawn at random, for tests.
public final class RandomPlacements {

    private RandomPlacements() {}

    /// A partition, some ranks of which may own nothing.
    public static ExpertPlacement owners(Random random, int experts, int ranks) {
        return ExpertPlacement.owned(
                ranks,
                IntStream.range(0, experts).map(_ -> random.nextInt(ranks)).toArray());
    }

    /// `owners` and further copies, from none to all.
    public static ExpertPlacement copies(Random random, ExpertPlacement owners) {
        double share = random.nextDouble();
        int[][] holders = new int[owners.experts()][];
        for (int expert = 0; expert < holders.length; expert++) {
            int owner = owners.owner(expert);
            holders[expert] = IntStream.range(0, owners.ranks())
                    .filter(rank -> rank == owner || random.nextDouble() < share)
                    .toArray();
        }
        return ExpertPlacement.of(owners.ranks(), holders);
    }

    /// Loads of which few are large.
    public static double[] loads(Random random, int experts) {
        double skew = 3 * random.nextDouble();
        return IntStream.range(0, experts)
                .mapToDouble(_ -> random.nextInt(8) == 0 ? 0 : Math.exp(skew * random.nextGaussian()))
                .toArray();
    }
}
