package org.lehr.engine.distributed.policy;

import org.lehr.engine.distributed.placement.ExpertPlacement;

/// Where the experts of a layer are in a step.
///
/// @param before ranks that kept an expert's parameters and optimizer state until now
/// @param states ranks that keep them from now on; where these are others, state has to be moved first
/// @param ahead where parameters are when the gate speaks, brought under other work; includes `states`
/// @param used where they are when experts work, brought while all wait; includes `ahead`
public record LayerPlan(ExpertPlacement before, ExpertPlacement states, ExpertPlacement ahead, ExpertPlacement used) {

    public LayerPlan {
        if (!ahead.includes(states) || !used.includes(ahead)) {
            throw new IllegalArgumentException("layer plan: states (" + states
                    + ") must be part of what is brought ahead (" + ahead + "), and that of what is used (" + used
                    + ")");
        }
    }

    /// Nothing is copied for this step alone.
    public static LayerPlan kept(ExpertPlacement before, ExpertPlacement states) {
        return new LayerPlan(before, states, states, states);
    }

    /// The same with further copies, brought while all wait.
    public LayerPlan using(ExpertPlacement more) {
        return new LayerPlan(before, states, ahead, more);
    }
}
