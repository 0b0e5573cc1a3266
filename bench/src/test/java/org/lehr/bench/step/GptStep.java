package org.lehr.bench.step;

/// One training step (forward, backward, AdamW) of the comparison's model, by one of the engines.
interface GptStep extends AutoCloseable {

    /// Takes a step and returns the loss before it.
    double step();

    @Override
    void close();
}
