package org.lehr.engine.distributed.policy;

import org.lehr.engine.distributed.placement.Calibration;

/// Decides where experts are. For each step it is asked for the plan of every layer, then, when the layer's gate has
/// spoken, for a second look at it; in the end it sees the loads. It has a state and is used for one run.
public interface PlacementPolicy {

    /// What the system is called.
    String name();

    /// Where experts are before the gate speaks.
    LayerPlan plan(int layer);

    /// The plan once the loads are known.
    ///
    /// @param loads of each expert in this step
    /// @param cost what placements cost with these loads
    default LayerPlan adjust(LayerPlan plan, double[] loads, Calibration.Cost cost) {
        return plan;
    }

    /// Sees what a step's loads were.
    ///
    /// @param loads of each expert, layer by layer
    void observe(double[]... loads);

    /// Whether copies are dropped after the forward pass and brought again for the backward pass.
    default boolean rematerializes() {
        return false;
    }
}
