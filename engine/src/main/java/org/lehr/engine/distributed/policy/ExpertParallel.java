package org.lehr.engine.distributed.policy;

import org.lehr.engine.distributed.placement.ExpertPlacement;

/// Expert parallelism (Lepikhin et al. 2020): each expert is on one rank, always the same.
public final class ExpertParallel implements PlacementPolicy {

    private final LayerPlan plan;

    public ExpertParallel(int experts, int ranks) {
        ExpertPlacement even = ExpertPlacement.even(experts, ranks);
        plan = LayerPlan.kept(even, even);
    }

    @Override
    public String name() {
        return "expert parallelism";
    }

    @Override
    public LayerPlan plan(int layer) {
        return plan;
    }

    @Override
    public void observe(double[]... loads) {}
}
