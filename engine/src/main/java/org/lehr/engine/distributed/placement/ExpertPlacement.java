package org.lehr.engine.distributed.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A set of pairs `(expert, rank)`: which expert is on which rank. Every expert is on one rank at least.
///
/// Where every expert is on exactly one rank, the placement is a [partition][#isPartition] and that rank the expert's
/// owner.
public final class ExpertPlacement {

    private final int ranks;
    private final int[][] holders;

    private ExpertPlacement(int ranks, int[]... holders) {
        this.ranks = ranks;
        this.holders = holders;
    }

    /// @param ranks how many ranks there are
    /// @param holders the ranks of each expert, in any order
    /// @throws IllegalArgumentException when an expert is nowhere, twice on a rank, or on a rank that does not
    /// exist
    public static ExpertPlacement of(int ranks, int[]... holders) {
        int[][] sorted = new int[holders.length][];
        for (int expert = 0; expert < holders.length; expert++) {
            sorted[expert] = holders[expert].clone();
            Arrays.sort(sorted[expert]);
            requireValid(ranks, expert, sorted[expert]);
        }
        requireSizes(ranks, holders.length);
        return new ExpertPlacement(ranks, sorted);
    }

    /// A partition.
    ///
    /// @param owners the rank of each expert
    public static ExpertPlacement owned(int ranks, int... owners) {
        return of(
                ranks,
                Arrays.stream(owners).mapToObj(owner -> new int[] {owner}).toArray(int[][]::new));
    }

    /// The partition of expert parallelism: neighbouring experts on one rank, on each equally many but for one.
    public static ExpertPlacement even(int experts, int ranks) {
        requireSizes(ranks, experts);
        return owned(
                ranks,
                IntStream.range(0, experts)
                        .map(expert -> (int) ((long) expert * ranks / experts))
                        .toArray());
    }

    /// Every expert on every rank.
    public static ExpertPlacement everywhere(int experts, int ranks) {
        requireSizes(ranks, experts);
        int[] all = IntStream.range(0, ranks).toArray();
        int[][] holders = new int[experts][];
        Arrays.fill(holders, all);
        return new ExpertPlacement(ranks, holders);
    }

    private static void requireSizes(int ranks, int experts) {
        if (ranks < 1 || experts < 1) {
            throw new IllegalArgumentException(
                    "placement: needs experts and ranks, got " + experts + " on " + ranks + " ranks");
        }
    }

    private static void requireValid(int ranks, int expert, int... sorted) {
        if (sorted.length == 0) {
            throw new IllegalArgumentException("placement: expert " + expert + " is on no rank");
        }
        for (int i = 0; i < sorted.length; i++) {
            if (sorted[i] < 0 || sorted[i] >= ranks) {
                throw new IllegalArgumentException(
                        "placement: expert " + expert + " is on rank " + sorted[i] + " of " + ranks);
            }
            if (i > 0 && sorted[i] == sorted[i - 1]) {
                throw new IllegalArgumentException("placement: expert " + expert + " is twice on rank " + sorted[i]);
            }
        }
    }

    public int experts() {
        return holders.length;
    }

    public int ranks() {
        return ranks;
    }

    public boolean holds(int rank, int expert) {
        return Arrays.binarySearch(holders[expert], rank) >= 0;
    }

    /// The ranks of an expert, ascending.
    public int[] ranksOf(int expert) {
        return holders[expert].clone();
    }

    /// As [#ranksOf], not to be changed.
    int[] holders(int expert) {
        return holders[expert];
    }

    /// On how many ranks an expert is.
    public int copies(int expert) {
        return holders[expert].length;
    }

    /// The experts of a rank, ascending.
    public int[] expertsOn(int rank) {
        return IntStream.range(0, holders.length)
                .filter(expert -> holds(rank, expert))
                .toArray();
    }

    /// How many experts each rank holds.
    public int[] sizes() {
        int[] sizes = new int[ranks];
        for (int[] of : holders) {
            for (int rank : of) {
                sizes[rank]++;
            }
        }
        return sizes;
    }

    /// How many pairs there are.
    public long size() {
        return Arrays.stream(holders).mapToLong(of -> of.length).sum();
    }

    /// Whether every expert is on exactly one rank.
    public boolean isPartition() {
        return Arrays.stream(holders).allMatch(of -> of.length == 1);
    }

    /// The rank of each expert of a partition.
    ///
    /// @throws IllegalStateException when an expert has several
    public int[] owners() {
        return IntStream.range(0, experts()).map(this::owner).toArray();
    }

    /// The only rank of an expert.
    ///
    /// @throws IllegalStateException when it has several
    public int owner(int expert) {
        if (holders[expert].length != 1) {
            throw new IllegalStateException("placement: expert " + expert + " has no single owner, it is on "
                    + Arrays.toString(holders[expert]));
        }
        return holders[expert][0];
    }

    /// Whether every pair of `other` is a pair of this.
    public boolean includes(ExpertPlacement other) {
        if (other.ranks != ranks || other.experts() != experts()) {
            return false;
        }
        for (int expert = 0; expert < holders.length; expert++) {
            if (!includes(holders[expert], other.holders[expert])) {
                return false;
            }
        }
        return true;
    }

    /// Whether all of `some` are in `all`, both ascending.
    private static boolean includes(int[] all, int... some) {
        int at = 0;
        for (int i = 0; all != some && i < some.length; i++) {
            while (at < all.length && all[at] < some[i]) {
                at++;
            }
            if (at == all.length || all[at] != some[i]) {
                return false;
            }
        }
        return true;
    }

    /// These pairs and those of `other`.
    public ExpertPlacement union(ExpertPlacement other) {
        Additions all = new Additions(this);
        for (int expert = 0; expert < other.experts(); expert++) {
            for (int rank : other.holders[expert]) {
                all.add(expert, rank);
            }
        }
        return all.placement();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExpertPlacement that && ranks == that.ranks && Arrays.deepEquals(holders, that.holders);
    }

    @Override
    public int hashCode() {
        return 31 * ranks + Arrays.deepHashCode(holders);
    }

    @Override
    public String toString() {
        List<String> experts = new ArrayList<>();
        for (int expert = 0; expert < holders.length; expert++) {
            experts.add(expert + "→" + Arrays.toString(holders[expert]));
        }
        return ranks + " ranks: " + String.join(" ", experts);
    }

    /// A placement from ranks that are sorted and valid.
    static ExpertPlacement sorted(int ranks, int[]... holders) {
        return new ExpertPlacement(ranks, holders);
    }
}
