package org.lehr.engine.distributed.placement;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Experts by their loads.
final class Experts {

    private Experts() {}

    /// Experts from the largest load to the least, equal ones in their order.
    static int[] byLoad(String operation, int experts, double... loads) {
        requireLoads(operation, experts, loads);
        return sorted(IntStream.range(0, experts), loads);
    }

    /// The first `count` of [#byLoad], without putting all others in order.
    static int[] top(String operation, int count, double... loads) {
        requireLoads(operation, loads.length, loads);
        if (count == 0) {
            return new int[0];
        }
        double[] ascending = loads.clone();
        Arrays.sort(ascending);
        double least = ascending[loads.length - count];
        int[] order = sorted(IntStream.range(0, loads.length).filter(expert -> loads[expert] >= least), loads);
        return Arrays.copyOf(order, count);
    }

    private static int[] sorted(IntStream experts, double... loads) {
        return experts.boxed()
                .sorted(Comparator.comparingDouble(expert -> -loads[expert]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// @throws IllegalArgumentException when a load is negative or no number, or their number is not `experts`
    static void requireLoads(String operation, int experts, double... loads) {
        if (loads.length != experts) {
            throw new IllegalArgumentException(
                    operation + ": needs a load for each of " + experts + " experts, got " + loads.length);
        }
        for (int expert = 0; expert < experts; expert++) {
            if (!(loads[expert] >= 0) || Double.isInfinite(loads[expert])) {
                throw new IllegalArgumentException(operation + ": the load of expert " + expert
                        + " must be finite and not negative, got " + loads[expert]);
            }
        }
    }
}
