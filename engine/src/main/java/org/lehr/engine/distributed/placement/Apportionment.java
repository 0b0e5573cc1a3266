package org.lehr.engine.distributed.placement;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Seats by votes with the method of the largest remainder (Hamilton), each between a least and a most.
final class Apportionment {

    private Apportionment() {}

    /// `seats` shared out in proportion to `votes`: each gets the whole part of its share, then the largest
    /// remainders
    /// one more, equal ones in their order. What a most cuts off is shared out among the others.
    ///
    /// @param votes not negative
    /// @param most of each
    /// @return seats of each; fewer than `seats` in all only where every most is reached
    static int[] of(int seats, double[] votes, int... most) {
        int[] given = new int[votes.length];
        int[] open = IntStream.range(0, votes.length).filter(i -> most[i] > 0).toArray();
        int rest = seats;
        while (rest > 0 && open.length > 0) {
            double total = Arrays.stream(open).mapToDouble(i -> votes[i]).sum();
            double[] shares = new double[votes.length];
            for (int i : open) {
                shares[i] = total > 0 ? rest * (votes[i] / total) : (double) rest / open.length;
            }
            boolean[] full = new boolean[votes.length];
            int capped = 0;
            for (int i : open) {
                full[i] = shares[i] >= most[i] - given[i];
                capped += full[i] ? most[i] - given[i] : 0;
            }
            if (capped == 0) {
                byRemainder(rest, given, shares, open);
                return given;
            }
            for (int i : open) {
                given[i] = full[i] ? most[i] : given[i];
            }
            rest -= capped;
            open = Arrays.stream(open).filter(i -> !full[i]).toArray();
        }
        return given;
    }

    private static void byRemainder(int seats, int[] given, double[] shares, int... open) {
        int rest = seats;
        for (int i : open) {
            given[i] += (int) shares[i];
            rest -= (int) shares[i];
        }
        int[] order = Arrays.stream(open)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> (int) shares[i] - shares[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 0; i < rest; i++) {
            given[order[i]]++;
        }
    }
}
