package org.lehr.engine.distributed.placement;

import java.util.Optional;

/// A second look at the copies of a layer once its gate has spoken: the planner runs again with the true loads and the
/// memory that is left, and what it adds is accepted where the layer gets faster although nothing hides the transfer
/// (Qing et al. 2025).
///
/// @param overlap how many experts the second round may bring onto a rank at most
public record Calibration(int overlap) {

    /// What a layer costs, in seconds.
    public interface Cost {

        /// Of the experts' work and the tokens' ways.
        double layer(ExpertPlacement placement);

        /// Of making copies.
        double gather(ExpertPlacement from, ExpertPlacement to);
    }

    /// A better placement, or none.
    ///
    /// @param now what there is
    /// @param free for how many more experts every rank has memory
    /// @param loads what each expert really has to do
    public Optional<ExpertPlacement> improve(
            ExpertPlacement now, int free, double[] loads, Topology topology, Cost cost) {
        ExpertPlacement then = new SparseMaterialization(overlap, free).plan(now, loads, topology);
        boolean pays = !then.equals(now) && cost.layer(then) + cost.gather(now, then) < cost.layer(now);
        return pays ? Optional.of(then) : Optional.empty();
    }
}
