package org.lehr.engine.nn;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;

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

    /// Reads several sequences that stand in each row one behind the other, each from its own beginning.
    /// `x [b, t, ...], sequence int [b, t] → as x`
    ///
    /// Layers that can do so in one pass override this, which runs every sequence by itself.
    ///
    /// @param sequence which sequence each time belongs to: a new one begins where it changes
    public Tensor packed(Tensor x, Tensor sequence) {
        requirePacked(x, sequence);
        long[] numbers = sequence.toLongArray();
        int length = Math.toIntExact(x.extent(1));
        Tensor[] rows = new Tensor[Math.toIntExact(x.extent(0))];
        for (int row = 0; row < rows.length; row++) {
            Tensor mine = x.slice(0, row, row + 1);
            List<Tensor> parts = new ArrayList<>();
            for (int from = 0, to = 1; from < length; to++) {
                if (to == length || numbers[row * length + to] != numbers[row * length + from]) {
                    parts.add(apply(mine.slice(1, from, to)));
                    from = to;
                }
            }
            rows[row] = parts.isEmpty() ? apply(mine) : Concat.concat(1, parts.toArray(Tensor[]::new));
        }
        return rows.length == 0 ? apply(x) : Concat.concat(0, rows);
    }

    /// Refuses a sequence index that is none.
    protected final void requirePacked(Tensor x, Tensor sequence) {
        requireSequence(x);
        boolean whole = !sequence.dtype().isFloating() && sequence.dtype() != DType.BOOL;
        if (!whole || !sequence.shape().equals(x.shape().slice(0, 2))) {
            throw new ShapeMismatchException("packed sequences: needs an integer for each time of " + x.shape()
                    + ", got " + sequence.dtype() + sequence.shape());
        }
    }

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
