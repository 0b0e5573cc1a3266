package org.lehr.engine.distributed.policy;

import org.lehr.engine.distributed.placement.ExpertPlacement;

/// Fully sharded data parallelism on experts (Rajbhandari et al. 2020, stage 3): every step brings every expert to
/// every rank, and again for the backward pass.
public final class FullySharded implements PlacementPolicy {

    private final LayerPlan plan;

    public FullySharded(int experts, int ranks) {
        ExpertPlacement all = ExpertPlacement.everywhere(experts, ranks);
        ExpertPlacement even = ExpertPlacement.even(experts, ranks);
        plan = new LayerPlan(even, even, all, all);
    }

    @Override
    public String name() {
        return "fully sharded";
    }

    @Override
    public LayerPlan plan(int layer) {
        return plan;
    }

    @Override
    public void observe(double[]... loads) {}

    @Override
    public boolean rematerializes() {
        return true;
    }
}
