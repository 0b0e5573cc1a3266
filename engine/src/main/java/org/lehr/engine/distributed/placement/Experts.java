package org.lehr.engine.distributed.placement;

import java.util.Comparator;
import java.util.stream.IntStream;

/// Experts by their loads.
final class Experts {

    private Experts() {}

    /// Experts from the largest load to the least, equal ones in their order.
    static int[] byLoad(String operation, int experts, double... loads) {
        requireLoads(operation, experts, loads);
        return IntStream.range(0, experts)
                .boxed()
                .sorted(Comparator.comparingDouble(expert -> -loads[expert]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// The first `count` of [#byLoad], without putting all others in order: each expert is compared with the least
    /// of
    /// those found so far, and few come in.
    static int[] top(int count, double... loads) {
        int[] top = new int[count];
        int found = 0;
        for (int expert = 0; expert < loads.length && count > 0; expert++) {
            if (found == count && loads[expert] <= loads[top[count - 1]]) {
                continue;
            }
            int place = found == count ? count - 1 : found++;
            for (; place > 0 && loads[top[place - 1]] < loads[expert]; place--) {
                top[place] = top[place - 1];
            }
            top[place] = expert;
        }
        return top;
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
