package org.lehr.engine.nn;

import java.util.List;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Attention and a feed-forward layer, each on a normalised copy of the stream that it adds to (pre-norm).
/// Names as in Llama. `x [b, t, n] → [b, t, n]`
public final class TransformerBlock extends Layer {

    private final RmsNorm attentionNorm;
    private final MultiHeadAttention attention;
    private final RmsNorm mlpNorm;
    private final Mlp mlp;
    private final Dropout dropout;

    public TransformerBlock(TransformerConfig config, RotaryPositions positions, RandomStream random) {
        Initializer weight = Initializer.normal(config.initialDeviation());
        // Each of the 2·layers additions to the stream starts smaller, so that its variance does not grow with depth.
        Initializer output = Initializer.normal(config.initialDeviation() / Math.sqrt(2.0 * config.layers()));
        attentionNorm = child("input_layernorm", new RmsNorm(config.width(), 1e-6));
        attention = child(
                "self_attn",
                new MultiHeadAttention(config.attention(), positions, weight, output, random.split("self_attn")));
        mlpNorm = child("post_attention_layernorm", new RmsNorm(config.width(), 1e-6));
        mlp = child(
                "mlp",
                new Mlp(
                        config.width(),
                        config.hidden(),
                        config.activation(),
                        config.gated(),
                        false,
                        weight,
                        output,
                        random.split("mlp")));
        dropout = child("dropout", new Dropout(config.dropout(), random.split("dropout")));
    }

    @Override
    protected Tensor forward(Tensor x) {
        return around(x, attention::apply);
    }

    /// The same for positions that follow those in `caches`, one for each row, which remember these too.
    Tensor extend(Tensor x, List<KeyValueCache> caches) {
        return around(x, normed -> attention.extend(normed, caches));
    }

    private Tensor around(Tensor x, UnaryOperator<Tensor> attend) {
        Tensor attended = x.add(dropout.apply(attend.apply(attentionNorm.apply(x))));
        return attended.add(dropout.apply(mlp.apply(mlpNorm.apply(attended))));
    }
}
