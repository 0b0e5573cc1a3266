package org.lehr.engine.train;

import org.lehr.engine.tensor.Tensor;

/// What a trainer minimises: a stream of batches and the loss of one.
///
/// @param <B> a batch
public interface Objective<B> {

    /// The next batch.
    B next();

    /// The mean loss of a batch, a scalar that depends on the module's parameters.
    Tensor loss(B batch);

    /// How many items (tokens, samples) a batch counts.
    long items(B batch);
}
