package org.lehr.engine.distributed.placement;

/// Foretells the loads of a layer's experts in the next step from those of the steps before. What it says decides how
/// fast a step is, never what it computes.
public interface LoadPredictor {

    /// The loads to expect, as shares that add up to 1; equal shares before anything was seen.
    double[] predict();

    /// Takes note of the loads of a step, in any unit.
    ///
    /// @throws IllegalArgumentException when their number is another one, or one is negative or no number
    void observe(double... loads);

    /// Makes predictors, one for each layer.
    @FunctionalInterface
    interface Factory {

        /// One that has seen nothing.
        LoadPredictor of(int experts);
    }
}
