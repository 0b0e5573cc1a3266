package org.lehr.bench.step;

/// One training step (forward, backward, update) of a comparison's model, by one of the engines.
public interface TrainingStep extends AutoCloseable {

    /// Takes a step and returns the loss before it.
    double step();

    @Override
    void close();
}
