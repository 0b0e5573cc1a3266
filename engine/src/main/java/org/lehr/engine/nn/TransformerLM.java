package org.lehr.engine.nn;

import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A decoder of pre-norm blocks with rotary positions, in the shape and under the parameter names of Llama.
/// `tokens int [b, t] → logits [b, t, vocabulary]`
public final class TransformerLM extends Layer implements LanguageModel {

    private final TransformerConfig config;
    private final Embedding embedding;
    private final List<TransformerBlock> blocks;
    private final RmsNorm norm;
    private final Linear head;

    public TransformerLM(TransformerConfig config, RandomStream random) {
        this.config = config;
        Initializer weight = Initializer.normal(config.initialDeviation());
        RotaryPositions positions =
                new RotaryPositions(config.context(), config.attention().headWidth(), 10_000);
        embedding = child(
                "model.embed_tokens",
                new Embedding(config.vocabulary(), config.width(), weight, random.split("embed_tokens")));
        blocks = children(
                "model.layers",
                IntStream.range(0, config.layers())
                        .mapToObj(i -> new TransformerBlock(
                                config, positions, random.split("layers").split(i)))
                        .toList());
        norm = child("model.norm", new RmsNorm(config.width(), 1e-6));
        head = config.choices().tied()
                ? null
                : child(
                        "lm_head",
                        new Linear(config.width(), config.vocabulary(), null, weight, random.split("lm_head")));
    }

    @Override
    protected Tensor forward(Tensor tokens) {
        Tensor x = embedding.apply(tokens);
        for (TransformerBlock block : blocks) {
            x = block.apply(x);
        }
        return scores(x);
    }

    private Tensor scores(Tensor x) {
        Tensor normed = norm.apply(x);
        return head != null
                ? head.apply(normed)
                : org.lehr.engine.tensor.op.Linear.linear(
                        normed, embedding.weight().value(), null);
    }

    @Override
    public Tensor logits(Tensor tokens) {
        if (tokens.rank() != 2 || tokens.extent(1) > config.context()) {
            throw new IllegalArgumentException("transformer: tokens must be [b, t] with t at most " + config.context()
                    + ", got " + tokens.shape());
        }
        return apply(tokens);
    }

    @Override
    public Decoding decode(List<int[]> prompts) {
        return new CachedDecoding(this::last, blocks.size(), config.context(), prompts);
    }

    private Tensor last(Tensor tokens, List<List<KeyValueCache>> caches) {
        Tensor x = embedding.apply(tokens);
        for (int i = 0; i < blocks.size(); i++) {
            int place = i;
            x = blocks.get(i)
                    .extend(x, caches.stream().map(row -> row.get(place)).toList());
        }
        return scores(x.slice(1, x.extent(1) - 1, x.extent(1)));
    }

    @Override
    public long context() {
        return config.context();
    }

    @Override
    public long vocabulary() {
        return config.vocabulary();
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public double flopsPerToken() {
        double products = parameterCount() - (head == null ? 0 : config.vocabulary() * config.width());
        // Scores and values: 2·2·t/2·width multiply-adds forward under the causal mask, three times that with backward.
        double attention = 6.0 * config.layers() * config.context() * config.width();
        return 6 * products + attention;
    }
}
