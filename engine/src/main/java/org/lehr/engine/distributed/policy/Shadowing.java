package org.lehr.engine.distributed.policy;

import org.lehr.engine.distributed.placement.Calibration;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.SparseMaterialization;
import org.lehr.engine.distributed.placement.Topology;

/// Shadowing of popular experts (He et al. 2022, FasterMoE): once the gate has spoken, the experts with the largest
/// loads are copied to all ranks, one after the other as long as the layer gets faster by it. All wait for the copies.
public final class Shadowing implements PlacementPolicy {

    private final LayerPlan plan;
    private final Topology topology;

    public Shadowing(int experts, Topology topology) {
        this.topology = topology;
        ExpertPlacement even = ExpertPlacement.even(experts, topology.ranks());
        plan = LayerPlan.kept(even, even);
    }

    @Override
    public String name() {
        return "shadowing (FasterMoE)";
    }

    @Override
    public LayerPlan plan(int layer) {
        return plan;
    }

    @Override
    public LayerPlan adjust(LayerPlan plan, double[] loads, Calibration.Cost cost) {
        ExpertPlacement base = plan.states();
        ExpertPlacement best = base;
        double least = cost.layer(base);
        for (int shadows = 1; shadows <= base.experts(); shadows++) {
            ExpertPlacement more = new SparseMaterialization(shadows, shadows).plan(base, loads, topology);
            double seconds = cost.layer(more) + cost.gather(base, more);
            if (seconds >= least) {
                break;
            }
            least = seconds;
            best = more;
        }
        return plan.using(best);
    }

    @Override
    public void observe(double[]... loads) {}
}
