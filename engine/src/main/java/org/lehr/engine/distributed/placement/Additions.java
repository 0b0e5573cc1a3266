package org.lehr.engine.distributed.placement;

import java.util.BitSet;
import java.util.stream.IntStream;

/// Pairs that a planner adds to a placement.
final class Additions {

    private final ExpertPlacement base;
    private final BitSet[] added;
    private final boolean[] everywhere;

    Additions(ExpertPlacement base) {
        this.base = base;
        this.added = new BitSet[base.experts()];
        this.everywhere = new boolean[base.experts()];
    }

    boolean holds(int rank, int expert) {
        return everywhere[expert] || (added[expert] == null ? base.holds(rank, expert) : added[expert].get(rank));
    }

    /// The ranks of `expert`, to be changed.
    private BitSet of(int expert) {
        if (added[expert] == null) {
            BitSet set = new BitSet(base.ranks());
            for (int rank : base.holders(expert)) {
                set.set(rank);
            }
            added[expert] = set;
        }
        return added[expert];
    }

    void add(int expert, int rank) {
        of(expert).set(rank);
    }

    void addEverywhere(int expert) {
        everywhere[expert] = true;
    }

    ExpertPlacement placement() {
        int[] all = IntStream.range(0, base.ranks()).toArray();
        int[][] holders = new int[added.length][];
        for (int expert = 0; expert < added.length; expert++) {
            holders[expert] = everywhere[expert]
                    ? all
                    : added[expert] == null
                            ? base.holders(expert)
                            : added[expert].stream().toArray();
        }
        return ExpertPlacement.sorted(base.ranks(), holders);
    }
}
