package org.lehr.engine.distributed.simulate;

/// What a system came to, as means over steps.
///
/// @param system its name
/// @param stepSeconds of a whole step
/// @param mixtureSeconds of the mixtures alone: tokens' ways, experts' work, and copies that nothing hides
/// @param copySeconds of bringing copies and their gradients, hidden or not
/// @param imbalance tokens of the most loaded rank over the mean, averaged over layers
/// @param worst the largest such quotient of a layer
/// @param idle share of the ranks' time that passes with waiting for the most loaded one
/// @param received bytes that the busiest rank receives in a step
/// @param parameterBytes of experts on the fullest rank, the most in a step
/// @param stateBytes of optimizer state of experts on the fullest rank
/// @param planningSeconds of processor time that the planners really took for a step, on this machine
public record Outcome(
        String system,
        double stepSeconds,
        double mixtureSeconds,
        double copySeconds,
        double imbalance,
        double worst,
        double idle,
        double received,
        double parameterBytes,
        double stateBytes,
        double planningSeconds) {

    /// How much faster its steps are than those of `other`.
    public double speedup(Outcome other) {
        return other.stepSeconds / stepSeconds;
    }
}
