package org.lehr.engine.distributed.sparse;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.TopologyDispatch;

/// Which tokens go where, known to all ranks: tokens of a rank for an expert are shared out evenly to the nearest
/// copies or, `whole`, go to one of them.
///
/// @param counts tokens of each rank for each expert, `[ranks][experts]`
record TokenPlan(ExpertPlacement placement, TopologyDispatch dispatch, boolean whole, long[]... counts) {

    /// How many of the tokens of `source` for `expert` go to each rank, in the order of ranks.
    private long[] shares(int source, int expert) {
        long[] shares = new long[placement.ranks()];
        int[] to = dispatch.candidates(placement, source, expert);
        long count = counts[source][expert];
        int first = (source + expert) % to.length;
        for (int i = 0; i < to.length; i++) {
            int turn = (i - first + to.length) % to.length;
            long even = count / to.length + (turn < count % to.length ? 1 : 0);
            shares[to[i]] = whole ? (turn == 0 ? count : 0) : even;
        }
        return shares;
    }

    /// The copies that work and where their tokens come from: with `whole` one for each rank and expert that have
    /// tokens for each other, so that gradients can be added in the order of ranks that the tokens are from; else
    /// one
    /// for each pair of the placement.
    List<ExpertCopy> copies() {
        if (!whole) {
            return ExpertCopy.of(placement);
        }
        List<ExpertCopy> copies = new ArrayList<>();
        for (int expert = 0; expert < placement.experts(); expert++) {
            for (int source = 0; source < placement.ranks(); source++) {
                long[] shares = shares(source, expert);
                for (int rank = 0; rank < shares.length; rank++) {
                    if (shares[rank] > 0) {
                        copies.add(new ExpertCopy(expert, source, rank));
                    }
                }
            }
        }
        return copies;
    }

    /// What one rank does with rows.
    ///
    /// @param sent rows that go to each rank
    /// @param received rows that come from each rank
    /// @param outgoing where rows that are sent stand among those of the rank, which are in the order of experts
    /// @param grouped where rows of each copy in turn stand among those that came
    /// @param offsets where the rows of each copy begin, `[copies + 1]`
    record Rows(long[] sent, long[] received, List<Integer> outgoing, List<Integer> grouped, long... offsets) {}

    Rows rows(int me, List<ExpertCopy> copies) {
        int ranks = placement.ranks();
        int experts = placement.experts();
        long[][] mine = new long[experts][];
        long[][] here = new long[ranks][experts];
        for (int expert = 0; expert < experts; expert++) {
            mine[expert] = shares(me, expert);
            for (int source = 0; source < ranks; source++) {
                here[source][expert] = shares(source, expert)[me];
            }
        }
        long[] sent = new long[ranks];
        List<Integer> outgoing = new ArrayList<>();
        long[] next = new long[experts];
        for (int expert = 1; expert < experts; expert++) {
            next[expert] = next[expert - 1] + counts[me][expert - 1];
        }
        for (int rank = 0; rank < ranks; rank++) {
            for (int expert = 0; expert < experts; expert++) {
                sent[rank] += mine[expert][rank];
                for (long i = 0; i < mine[expert][rank]; i++) {
                    outgoing.add((int) next[expert]++);
                }
            }
        }
        long[] received = new long[ranks];
        long[][] begins = new long[ranks][experts];
        long place = 0;
        for (int source = 0; source < ranks; source++) {
            for (int expert = 0; expert < experts; expert++) {
                begins[source][expert] = place;
                place += here[source][expert];
                received[source] += here[source][expert];
            }
        }
        List<Integer> grouped = new ArrayList<>();
        List<Long> offsets = new ArrayList<>(List.of(0L));
        for (ExpertCopy copy : copies) {
            if (copy.rank() == me) {
                for (int source = whole ? copy.order() : 0; source < (whole ? copy.order() + 1 : ranks); source++) {
                    for (long i = 0; i < here[source][copy.expert()]; i++) {
                        grouped.add((int) (begins[source][copy.expert()] + i));
                    }
                }
                offsets.add((long) grouped.size());
            }
        }
        return new Rows(
                sent,
                received,
                outgoing,
                grouped,
                offsets.stream().mapToLong(Long::longValue).toArray());
    }
}
