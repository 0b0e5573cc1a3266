package org.lehr.engine.distributed.sparse;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.distributed.placement.ExpertPlacement;

/// A copy of an expert that works, and has a gradient of its own.
///
/// @param order when its gradient is added to those of other copies of the expert: the least first
/// @param rank where it is
public record ExpertCopy(int expert, int order, int rank) {

    /// One for each pair of a placement; gradients are added in the order of ranks.
    public static List<ExpertCopy> of(ExpertPlacement placement) {
        List<ExpertCopy> copies = new ArrayList<>();
        for (int expert = 0; expert < placement.experts(); expert++) {
            for (int rank : placement.ranksOf(expert)) {
                copies.add(new ExpertCopy(expert, rank, rank));
            }
        }
        return copies;
    }
}
