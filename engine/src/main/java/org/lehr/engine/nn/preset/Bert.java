package org.lehr.engine.nn.preset;

import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LayerNorm;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.WeightNames;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.AttentionNames;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.transformer.BlockForm;
import org.lehr.engine.nn.transformer.BlockNames;
import org.lehr.engine.nn.transformer.BlockStack;
import org.lehr.engine.nn.transformer.Depth;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.NormFactory;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.nn.transformer.PositionTable;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// An encoder that fills in hidden tokens (BERT; Devlin et al. 2019): layer norms behind the sums, learned positions
/// and
/// segments, GELU, biases. Names as in the files: `bert.embeddings.word_embeddings`, `bert.encoder.layer.0...`,
/// `bert.pooler.dense`, `cls.predictions...`.
public final class Bert extends Module {

    /// `bert-base-uncased`: 110 million parameters.
    public static final TransformerSizes BASE = new TransformerSizes(30_522, 512, 12, 768, 12, 12, 3072);

    /// `bert-large-uncased`: 340 million.
    public static final TransformerSizes LARGE = new TransformerSizes(30_522, 512, 24, 1024, 16, 16, 4096);

    private static final double EPSILON = 1e-12;

    private final TransformerSizes sizes;
    private final Embedding words;
    private final PositionTable positions;
    private final Embedding segments;
    private final LayerNorm embeddingNorm;
    private final Dropout dropout;
    private final BlockStack blocks;
    private final Linear pooler;
    private final Linear transform;
    private final LayerNorm transformNorm;
    private final Parameter bias;
    private final Linear relationship;

    /// @param dropoutRate 0.1 is usual
    public Bert(TransformerSizes sizes, double dropoutRate, RandomStream random) {
        this.sizes = sizes;
        Initial initial = new Initial(0.02, false);
        Initializer weight = initial.weight();
        Initializer zero = Initializer.constant(0);
        long n = sizes.width();
        words = child(
                "bert.embeddings.word_embeddings",
                new Embedding(sizes.vocabulary(), n, weight, random.split("word_embeddings")));
        positions = child(
                "bert.embeddings.position_embeddings",
                PositionTable.learned(sizes.context(), n, weight, random.split("position_embeddings")));
        segments = child(
                "bert.embeddings.token_type_embeddings",
                new Embedding(2, n, weight, random.split("token_type_embeddings")));
        embeddingNorm = child("bert.embeddings.LayerNorm", new LayerNorm(n, true, EPSILON));
        dropout = child("dropout", new Dropout(dropoutRate, random.split("dropout")));
        blocks = new BlockStack(
                Depth.of(sizes.layers()), block(sizes, dropoutRate), Positions.NONE, initial, random.split("layer"));
        children("bert.encoder.layer", blocks.distinct());
        pooler = child("bert.pooler.dense", new Linear(n, n, zero, weight, random.split("pooler")));
        transform = child("cls.predictions.transform.dense", new Linear(n, n, zero, weight, random.split("transform")));
        transformNorm = child("cls.predictions.transform.LayerNorm", new LayerNorm(n, true, EPSILON));
        bias = parameter("cls.predictions.bias", Tensor.zeros(sizes.vocabulary()));
        relationship = child("cls.seq_relationship", new Linear(n, 2, zero, weight, random.split("relationship")));
    }

    private static BlockForm block(TransformerSizes sizes, double dropout) {
        AttentionNames inAttention =
                new AttentionNames("self.query", "self.key", "self.value", null, "output.dense", null, null);
        return new BlockForm(
                sizes.attention(AttentionForm.Choices.plain().withBiases(true)),
                new Mlp.Form(sizes.hidden(), Activation.GELU, false, true),
                NormFactory.layer(EPSILON),
                NormPlacement.POST,
                false,
                1,
                dropout,
                new BlockNames(
                        null,
                        "attention",
                        "attention.output.LayerNorm",
                        null,
                        null,
                        "output.LayerNorm",
                        inAttention,
                        new Mlp.Names(null, "intermediate.dense", "output.dense", false)));
    }

    /// What the encoder makes of tokens. `tokens int [b, t], kinds int [b, t] → [b, t, n]`
    ///
    /// @param kinds which of two segments each token belongs to
    /// @param padding true where a token is none, `bool [b, t]`; or null
    public Tensor encode(Tensor tokens, Tensor kinds, Tensor padding) {
        if (tokens.rank() != 2
                || tokens.extent(1) > sizes.context()
                || !kinds.shape().equals(tokens.shape())) {
            throw new IllegalArgumentException("bert: tokens and segments must both be [b, t] with t at most "
                    + sizes.context() + ", got " + tokens.shape() + " and " + kinds.shape());
        }
        Tensor sum = positions
                .addTo(words.apply(tokens), new long[Math.toIntExact(tokens.extent(0))])
                .add(segments.apply(kinds));
        Tensor x = dropout.apply(embeddingNorm.apply(sum));
        return blocks.apply(x, padding == null ? AttentionMask.FULL : AttentionMask.FULL.padded(padding));
    }

    /// One vector for a sequence, from its first token. `[b, t, n] → [b, n]`
    public Tensor pooled(Tensor encoded) {
        return pooler.apply(encoded.slice(1, 0, 1).squeeze(1)).tanh();
    }

    /// The logits of each token. `[b, t, n] → [b, t, vocabulary]`
    public Tensor logits(Tensor encoded) {
        Tensor x = transformNorm.apply(Activation.GELU.apply(transform.apply(encoded)));
        return org.lehr.engine.tensor.op.Linear.linear(x, words.weight().value(), bias.value());
    }

    /// Whether the second segment follows the first (0) or not (1). `[b, n] → [b, 2]`
    public Tensor relationship(Tensor pooled) {
        return relationship.apply(pooled);
    }

    /// For the original files, which call gains and biases of norms `gamma` and `beta`, and hold the tied head
    /// twice.
    public static WeightNames names() {
        return WeightNames.same()
                .renaming("LayerNorm\\.gamma$", "LayerNorm.weight")
                .renaming("LayerNorm\\.beta$", "LayerNorm.bias")
                .skipping("^cls\\.predictions\\.decoder\\.")
                .skipping("position_ids$");
    }
}
