package org.lehr.engine.distributed.sparse;

import java.util.Arrays;
import java.util.List;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;

/// Copies of experts, made by a sparse all-gather; the gradients of the copies are added up at the owners by a sparse
/// reduce-scatter. `own [owned, n] → [copies here, n]`
///
/// @param copies of all ranks, by expert and order
record Materialization(
        SparseCollectives collectives, ExpertPlacement owners, ExpertPlacement placement, List<ExpertCopy> copies)
        implements Op {

    @Override
    public Tensor forward(Call call) {
        Tensor held = collectives.sparseAllGather(owners, placement, call.input(0));
        int me = collectives.communicator().rank();
        int[] experts = placement.expertsOn(me);
        List<Integer> rows = copies.stream()
                .filter(copy -> copy.rank() == me)
                .map(copy -> Arrays.binarySearch(experts, copy.expert()))
                .toList();
        return Embedding.embedding(held, SparseCollectives.indices(rows));
    }

    /// First gradients only: what is summed here is not recorded.
    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {collectives.reduce(copies, owners, dy)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
