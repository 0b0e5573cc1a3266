package org.lehr.engine.train;

import java.util.Map;
import java.util.SequencedMap;
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

    /// Where the stream of batches stands, as named numbers for a checkpoint.
    SequencedMap<String, Long> place();

    /// Goes to a place that [#place] gave.
    void restore(Map<String, Long> place);
}
