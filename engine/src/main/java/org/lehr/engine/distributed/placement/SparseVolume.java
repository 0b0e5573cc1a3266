package org.lehr.engine.distributed.placement;

/// What a sparse all-gather from `from` to `to` moves, counted in experts; a sparse reduce-scatter from `to` to `from`
/// moves the same the other way, with `sent` and `received` in each other's place.
///
/// With `Ĉ` the experts that cross ranks and `λ = |Ĉ|/|C|`, no rank receives more than `λ·|C|` experts.
///
/// @param experts how many there are, `|C|`
/// @param crossing how many go to another rank, `|Ĉ|`
/// @param sent copies that each rank sends, where owners send to each rank by themselves
/// @param received copies that each rank receives
public record SparseVolume(int experts, int crossing, long[] sent, long... received) {

    /// @param from a partition
    /// @param to includes `from`
    /// @throws IllegalArgumentException when they are not so
    public static SparseVolume of(ExpertPlacement from, ExpertPlacement to) {
        requirePair("sparse volume", from, to);
        long[] sent = new long[from.ranks()];
        long[] received = new long[from.ranks()];
        int crossing = 0;
        for (int expert = 0; expert < from.experts(); expert++) {
            int owner = from.owner(expert);
            for (int rank : to.holders(expert)) {
                received[rank] += rank == owner ? 0 : 1;
            }
            sent[owner] += to.copies(expert) - 1;
            crossing += to.copies(expert) > 1 ? 1 : 0;
        }
        return new SparseVolume(from.experts(), crossing, sent, received);
    }

    /// Checks that `owners` is a partition and part of `copies`.
    public static void requirePair(String operation, ExpertPlacement owners, ExpertPlacement copies) {
        if (!owners.isPartition()) {
            throw new IllegalArgumentException(
                    operation + ": needs every expert on exactly one rank at the owners' side, got " + owners);
        }
        if (!copies.includes(owners)) {
            throw new IllegalArgumentException(
                    operation + ": the owners (" + owners + ") must be part of the other placement (" + copies + ")");
        }
    }

    /// The share of the experts that cross ranks.
    public double lambda() {
        return (double) crossing / experts;
    }

    /// All copies that are sent.
    public long total() {
        long total = 0;
        for (long copies : sent) {
            total += copies;
        }
        return total;
    }
}
