package org.lehr.engine.nn.moe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.Tensor;

/// How many tokens an expert takes at most: `max(least, ⌈factor·slots/e⌉)` of a batch. What is beyond goes to no
/// expert.
///
/// @param factor how much more than the mean load is taken
/// @param least what is always taken
/// @param order who comes first
public record Capacity(double factor, long least, Order order) {

    /// Who is taken where more want in than can.
    public enum Order {
        /// First choices before second ones, and each in the order of the tokens (Lepikhin et al. 2020).
        POSITION,
        /// The largest weights, equal ones in the order of the tokens.
        PROBABILITY
    }

    public Capacity {
        if (!(factor > 0) || least < 0) {
            throw new IllegalArgumentException(
                    "capacity: needs a positive factor and a least number of at least 0, got " + factor + " and "
                            + least);
        }
    }

    /// Tokens that each expert takes of so many used slots.
    public long of(long slots, int experts) {
        return Math.max(least, (long) Math.ceil(factor * slots / experts));
    }

    /// The routing without what finds no place.
    Routing limit(Routing routing) {
        long[] experts = routing.indices().toLongArray();
        long[] loads = Routing.count(routing.experts(), experts);
        long most = of(Arrays.stream(loads).sum(), loads.length);
        if (Arrays.stream(loads).allMatch(load -> load <= most)) {
            return routing;
        }
        long[] taken = new long[loads.length];
        for (int slot : order(routing, experts.length)) {
            int expert = (int) experts[slot];
            if (expert >= 0 && ++taken[expert] > most) {
                experts[slot] = -1;
            }
        }
        return routing.with(Tensor.of(experts, routing.indices().shape().toArray()));
    }

    private int[] order(Routing routing, int slots) {
        int perToken = (int) routing.indices().extent(-1);
        return switch (order) {
            case POSITION ->
                IntStream.range(0, slots)
                        .map(i -> i % (slots / perToken) * perToken + i / (slots / perToken))
                        .toArray();
            case PROBABILITY -> {
                double[] weights = routing.weights().toDoubleArray();
                yield IntStream.range(0, slots)
                        .boxed()
                        .sorted(Comparator.comparingDouble(slot -> -weights[slot]))
                        .mapToInt(Integer::intValue)
                        .toArray();
            }
        };
    }
}
