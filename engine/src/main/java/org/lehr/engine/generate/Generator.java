package org.lehr.engine.generate;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Continues a sequence token by token. The model sees the last tokens that fit its context.
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
            for (int at = prompt.length; at < tokens.length; at++) {
                int from = (int) Math.max(0, at - model.context());
                tokens[at] = next(Arrays.copyOfRange(tokens, from, at));
                each.accept(tokens[at]);
            }
        } finally {
            model.module().train(training);
        }
        return tokens;
    }

    private int next(int[] seen) {
        try (var _ = Scope.open()) {
            Tensor logits = Recording.off(() -> model.logits(Tensor.of(seen, 1, seen.length)));
            Tensor last = logits.slice(1, seen.length - 1, seen.length).reshape(model.vocabulary());
            return sampling.choose(
                    last.toFloatArray(), random.uniform(DType.FLOAT64, 1).item());
        }
    }
}
