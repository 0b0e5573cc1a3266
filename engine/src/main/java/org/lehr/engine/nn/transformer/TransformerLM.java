package org.lehr.engine.nn.transformer;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.lehr.engine.nn.AuxiliaryLoss;
import org.lehr.engine.nn.CachedDecoding;
import org.lehr.engine.nn.Decoding;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.KeyValueCache;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Prediction;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.MultiHeadAttention;
import org.lehr.engine.nn.attention.PositionScheme;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.LogSumExp;

/// A decoder. `tokens int [b, t] → logits [b, t, vocabulary]`
public final class TransformerLM extends Layer implements LanguageModel {

    private final TransformerConfig config;
    private final Embedding embedding;
    private final PositionTable table;
    private final Layer embeddingNorm;
    private final Dropout embeddingDropout;
    private final BlockStack blocks;
    private final Layer norm;
    private final Linear head;
    private Supplier<Tensor> prompt = () -> null;

    public TransformerLM(TransformerConfig config, RandomStream random) {
        this.config = config;
        ModelNames names = config.names();
        long width = config.width();
        embedding = child(
                names.embedding(),
                new Embedding(config.vocabulary(), width, config.initial().weight(), random.split("embed_tokens")));
        table = table(random.split("embed_positions"));
        NormFactory norms = config.block().norm();
        embeddingNorm = config.embeddings().normed() ? child(names.embeddingNorm(), norms.make(width)) : null;
        embeddingDropout = config.embeddings().dropout() == 0
                ? null
                : child("dropout", new Dropout(config.embeddings().dropout(), random.split("dropout")));
        blocks = new BlockStack(
                config.depth(), config.block(), positions(random), config.initial(), random.split("layers"));
        children(names.layers(), blocks.distinct());
        norm = config.head().normed() ? child(names.norm(), norms.make(width)) : null;
        head = config.head().tied()
                ? null
                : child(
                        names.head(),
                        new Linear(
                                width,
                                config.vocabulary(),
                                null,
                                config.initial().weight(),
                                random.split("lm_head")));
    }

    private PositionTable table(RandomStream random) {
        return switch (config.embeddings().table()) {
            case NONE -> null;
            case SINUSOIDAL -> PositionTable.sinusoidal(config.context(), config.width());
            case LEARNED ->
                child(
                        config.names().positions(),
                        PositionTable.learned(
                                config.context(),
                                config.width(),
                                config.initial().weight(),
                                random));
        };
    }

    private Positions positions(RandomStream random) {
        AttentionForm form = config.block().attention();
        PositionScheme scheme = form.choices().positions();
        return learned(config.names().positions(), scheme.make(form, config.context(), random.split("positions")));
    }

    /// The sizes and choices.
    public TransformerConfig config() {
        return config;
    }

    /// The attention of layer `i`.
    public MultiHeadAttention attention(int i) {
        return blocks.layer(i).attention();
    }

    /// Lets sequences begin with vectors in place of tokens, `[p, n]`, computed anew at every pass, until the hook
    /// is
    /// removed (Lester, Al-Rfou, Constant 2021). They count as positions; there are no logits for them.
    public GradientHook prompt(Supplier<Tensor> vectors) {
        Supplier<Tensor> before = prompt;
        prompt = vectors;
        return () -> prompt = before;
    }

    @Override
    protected Tensor forward(Tensor tokens) {
        return scores(blocks.apply(embedded(tokens, beginning(tokens))), tokens.extent(1));
    }

    /// Logits where positions see what `mask` leaves visible, such as a prefix in both directions.
    public Tensor logits(Tensor tokens, AttentionMask mask) {
        require(tokens);
        return scores(blocks.apply(embedded(tokens, beginning(tokens)), mask), tokens.extent(1));
    }

    @Override
    public Tensor logits(Tensor tokens) {
        require(tokens);
        return apply(tokens);
    }

    private void require(Tensor tokens) {
        if (tokens.rank() != 2 || tokens.extent(1) > config.context()) {
            throw new IllegalArgumentException("transformer: tokens must be [b, t] with t at most " + config.context()
                    + ", got " + tokens.shape());
        }
    }

    @Override
    public Prediction predict(Tensor tokens) {
        Tensor logits = logits(tokens);
        double coefficient = config.head().zLoss();
        return new Prediction(
                logits,
                coefficient == 0
                        ? List.of()
                        : List.of(new AuxiliaryLoss(
                                "z-loss",
                                coefficient,
                                LogSumExp.logSumExp(logits, false, -1).square().mean())));
    }

    private static long[] beginning(Tensor tokens) {
        return new long[Math.toIntExact(tokens.extent(0))];
    }

    /// What goes into the first block, the prompt first where there is one and nothing came before.
    ///
    /// @param from the position of each row's first token
    private Tensor embedded(Tensor tokens, long... from) {
        Tensor x = embedding.apply(tokens);
        x = config.embeddings().scale() == 1 ? x : x.mul(config.embeddings().scale());
        Tensor before = LongStream.of(from).allMatch(place -> place == 0) ? prompt.get() : null;
        if (before != null) {
            Tensor each = before.unsqueeze(0).expand(x.extent(0), before.extent(0), before.extent(1));
            x = Concat.concat(1, each.to(x.dtype()), x);
        }
        x = table == null ? x : table.addTo(x, from);
        x = embeddingNorm == null ? x : embeddingNorm.apply(x);
        return embeddingDropout == null ? x : embeddingDropout.apply(x);
    }

    /// Logits of the last `count` positions.
    private Tensor scores(Tensor x, long count) {
        long places = x.extent(1);
        Tensor last = count == places ? x : x.slice(1, places - count, places);
        Tensor normed = norm == null ? last : norm.apply(last);
        Tensor logits = head != null ? head.apply(normed) : embedding.scores(normed);
        double cap = config.head().softCap();
        return cap == 0 ? logits : logits.mul(1 / cap).tanh().mul(cap);
    }

    @Override
    public Decoding decode(List<int[]> prompts) {
        return new CachedDecoding(this::last, config.layers(), config.context(), prompts);
    }

    private Tensor last(Tensor tokens, List<List<KeyValueCache>> caches) {
        long[] from = caches.stream().mapToLong(row -> row.getFirst().length()).toArray();
        return scores(blocks.extend(embedded(tokens, from), caches), 1);
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
        double products = blocks.metParameters()
                + config.vocabulary() * config.width()
                + (norm == null ? 0 : norm.parameterCount());
        // Scores and values: 2·2·t/2·width multiply-adds forward under the causal mask, three times that with backward.
        double attention = 6.0 * config.layers() * config.context() * config.width();
        return 6 * products + attention;
    }
}
