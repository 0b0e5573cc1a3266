package org.lehr.engine.nn;

import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// A layer that reads a sequence `[b, t, ...]` in order and can go on where it stopped: reading a sequence piece by
/// piece, down to one time at a time, gives what reading it at once gives. Gradients flow through both ends of the
/// state; who does not want them (a stream of text that goes on in the next batch) detaches it.
///
/// @param <S> the state, an immutable record of tensors, each with the batch as its first dimension
public abstract class SequenceLayer<S> extends Layer {

    /// A layer that owns nothing yet.
    protected SequenceLayer() {}

    /// What a run gives: its output and the state after the last time.
    public record Step<S>(Tensor y, S state) {}

    /// The state of `batch` sequences of which nothing was read.
    public abstract S start(long batch);

    /// Reads `x [b, t, ...]`, of any length, after what led to `state`.
    public abstract Step<S> run(Tensor x, S state);

    /// Refuses what is no sequence.
    protected final void requireSequence(Tensor x) {
        if (x.rank() < 2) {
            throw new ShapeMismatchException("sequence layer: needs x [b, t, ...], got " + x.shape() + " for "
                    + getClass().getSimpleName());
        }
    }

    @Override
    protected Tensor forward(Tensor x) {
        requireSequence(x);
        return run(x, start(x.extent(0))).y();
    }
}
