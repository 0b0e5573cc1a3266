package org.lehr.engine.generate;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Continues a sequence token by token. A model that can go on where it stopped reads each token once; any other
/// sees the last tokens that fit its context again for each.
public final class Generator {

    private final LanguageModel model;
    private final Sampling sampling;
    private final RandomStream random;

    public Generator(LanguageModel model, Sampling sampling, RandomStream random) {
        this.model = model;
        this.sampling = sampling;
        this.random = random;
    }

    /// Appends `count` tokens to `prompt` and returns both.
    ///
    /// @param prompt at least one token
    /// @param each told every new token as it is chosen
    public int[] extend(int[] prompt, int count, IntConsumer each) {
        if (prompt.length == 0 || count < 0) {
            throw new IllegalArgumentException("generate: needs a prompt of at least one token and a count of at least"
                    + " 0, got " + prompt.length + " and " + count);
        }
        int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
        boolean training = model.module().isTraining();
        model.module().train(false);
        try {
            if (model.module() instanceof SequenceLayer<?> layer) {
                goOn(layer, tokens, prompt.length, each);
            } else {
                for (int at = prompt.length; at < tokens.length; at++) {
                    int from = (int) Math.max(0, at - model.context());
                    tokens[at] = next(Arrays.copyOfRange(tokens, from, at));
                    each.accept(tokens[at]);
                }
            }
        } finally {
            model.module().train(training);
        }
        return tokens;
    }

    /// Fills `tokens` from `at` on, reading those before first.
    private <S> void goOn(SequenceLayer<S> layer, int[] tokens, int at, IntConsumer each) {
        S state = layer.start(1);
        int read = 0;
        for (int next = at; next < tokens.length; next++) {
            int[] unread = Arrays.copyOfRange(tokens, read, next);
            S before = state;
            SequenceLayer.Step<S> step = Recording.off(() -> layer.run(Tensor.of(unread, 1, unread.length), before));
            tokens[next] = choose(step.y(), unread.length);
            each.accept(tokens[next]);
            state = step.state();
            read = next;
        }
    }

    private int next(int[] seen) {
        try (var _ = Scope.open()) {
            Tensor logits = Recording.off(() -> model.logits(Tensor.of(seen, 1, seen.length)));
            return choose(logits, seen.length);
        }
    }

    /// The token that follows the last of `length`.
    private int choose(Tensor logits, int length) {
        Tensor last = logits.slice(1, length - 1, length).reshape(model.vocabulary());
        return sampling.choose(
                last.toFloatArray(), random.uniform(DType.FLOAT64, 1).item());
    }
}
