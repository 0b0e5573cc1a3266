package org.lehr.engine.nn;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// A decoding of a model that can go on where it stopped: a token costs the same however many came before it. Every
/// sequence has a state of its own, so that they may be of any lengths.
///
/// @param <S> the state of the model
public final class SteppedDecoding<S> implements Decoding {

    private record Sequence<S>(S state, float[] scores) {}

    private final SequenceLayer<S> model;
    private List<Sequence<S>> sequences;

    /// @param model reads `tokens int [b, t]` and gives `[b, t, vocabulary]`
    /// @param prompts at least one token each
    public SteppedDecoding(SequenceLayer<S> model, List<int[]> prompts) {
        this.model = model;
        sequences = prompts.stream().map(prompt -> read(model.start(1), prompt)).toList();
    }

    private Sequence<S> read(S before, int... tokens) {
        try (var _ = Scope.open()) {
            SequenceLayer.Step<S> step = Recording.off(() -> model.run(Tensor.of(tokens, 1, tokens.length), before));
            Tensor last = step.y().slice(1, tokens.length - 1, tokens.length);
            States.detach(step.state());
            return new Sequence<>(step.state(), last.toFloatArray());
        }
    }

    @Override
    public float[][] scores() {
        return sequences.stream().map(sequence -> sequence.scores.clone()).toArray(float[][]::new);
    }

    @Override
    public void append(int[] tokens) {
        sequences = IntStream.range(0, tokens.length)
                .mapToObj(i -> read(sequences.get(i).state, tokens[i]))
                .toList();
    }

    @Override
    public void select(int[] rows) {
        sequences = Arrays.stream(rows).mapToObj(sequences::get).toList();
    }
}
