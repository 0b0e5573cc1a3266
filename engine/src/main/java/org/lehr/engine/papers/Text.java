package org.lehr.engine.papers;

import java.util.stream.LongStream;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Tokens of a [Language], and a small model that learns which one comes next.
public final class Text {

    /// How many tokens a model sees: as many as decide.
    private static final int CONTEXT = 2;

    private static final int EMBEDDED = 16;

    private final byte[] tokens;

    Text(byte[] tokens) {
        if (tokens.length <= CONTEXT) {
            throw new IllegalArgumentException("text: needs more than " + CONTEXT + " tokens, got " + tokens.length);
        }
        this.tokens = tokens;
    }

    /// Some places at random: the tokens before them, `[count, 2]`, and those there.
    public Examples some(RandomStream random, int count) {
        return at(random.integers(tokens.length - CONTEXT, count).toLongArray());
    }

    /// All places, in their order.
    public Examples all() {
        return at(LongStream.range(0, tokens.length - CONTEXT).toArray());
    }

    private Examples at(long... places) {
        long[] before = new long[places.length * CONTEXT];
        long[] next = new long[places.length];
        for (int i = 0; i < places.length; i++) {
            int place = (int) places[i];
            for (int j = 0; j < CONTEXT; j++) {
                before[i * CONTEXT + j] = tokens[place + j];
            }
            next[i] = tokens[place + CONTEXT];
        }
        return new Examples(Tensor.of(before, places.length, CONTEXT), Tensor.of(next, places.length));
    }

    /// A model with a hidden layer (Bengio et al. 2003): tokens `[n, 2]` → scores of the next one `[n, TOKENS]`.
    ///
    /// @param within what is done to what is hidden, besides a rectifier
    public static Layer model(int hidden, Layer within, RandomStream random) {
        return new Sequential(
                new Embedding(Language.TOKENS, EMBEDDED, Initializer.normal(1), random.split("embedding")),
                Sequential.of(x -> x.reshape(x.extent(0), CONTEXT * EMBEDDED)),
                new Linear(CONTEXT * EMBEDDED, hidden, true, random.split("hidden")),
                Sequential.of(Tensor::relu),
                within,
                new Linear(hidden, Language.TOKENS, true, random.split("out")));
    }

    /// The model with nothing besides.
    public static Layer model(int hidden, RandomStream random) {
        return model(hidden, new Sequential(), random);
    }
}
