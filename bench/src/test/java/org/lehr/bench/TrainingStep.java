package org.lehr.bench;

import java.util.function.Supplier;

/// A whole training step. Each engine takes it in a process of its own, by turns, so that a drift of the machine's
/// speed meets both alike; the losses of the first steps must agree.
///
/// @param pairs how many turns are timed
public record TrainingStep(String name, Cost cost, int pairs, Supplier<Model> ours, Supplier<Model> theirs)
        implements Row {

    /// A model with its optimizer and one batch.
    public interface Model extends AutoCloseable {

        /// Takes a step and returns the loss before it.
        double step();

        @Override
        void close();
    }
}
