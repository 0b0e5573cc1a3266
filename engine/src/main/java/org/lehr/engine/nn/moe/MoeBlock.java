package org.lehr.engine.nn.moe;

import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.MultiHeadAttention;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.RotaryPositions;
import org.lehr.engine.nn.TransformerConfig;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A pre-norm block with a mixture of experts in place of the feed-forward layer. Names as in Mixtral.
public final class MoeBlock extends Module {

    private final RmsNorm attentionNorm;
    private final MultiHeadAttention attention;
    private final RmsNorm mixtureNorm;
    private final MixtureOfExperts mixture;
    private final Dropout dropout;

    MoeBlock(MoeConfig config, RotaryPositions positions, RandomStream random) {
        TransformerConfig shape = config.transformer();
        double deviation = shape.choices().initialDeviation();
        Initializer weight = Initializer.normal(deviation);
        Initializer output = Initializer.normal(deviation / Math.sqrt(2.0 * shape.layers()));
        attentionNorm = child("input_layernorm", new RmsNorm(shape.width(), 1e-6));
        attention = child(
                "self_attn", new MultiHeadAttention(form(shape), positions, weight, output, random.split("self_attn")));
        mixtureNorm = child("post_attention_layernorm", new RmsNorm(shape.width(), 1e-6));
        mixture = child(
                "block_sparse_moe",
                new MixtureOfExperts(
                        config.mixture(),
                        config.router().make(shape.width(), random.split("gate")),
                        config.losses(),
                        weight,
                        output,
                        random.split("block_sparse_moe")));
        dropout = child("dropout", new Dropout(shape.choices().dropout(), random.split("dropout")));
    }

    private static MultiHeadAttention.Form form(TransformerConfig shape) {
        return new MultiHeadAttention.Form(
                shape.width(),
                shape.heads(),
                shape.keyHeads(),
                shape.choices().queryKeyNorm(),
                shape.choices().window());
    }

    /// `x [b, t, n]`, `tokens int [b, t] → [b, t, n]`, with what the mixture found
    MixtureOfExperts.Mixed mix(Tensor x, Tensor tokens) {
        Tensor normed = attentionNorm.apply(x);
        Tensor attended = x.add(dropout.apply(attention.apply(normed)));
        Tensor weights = mixture.router().readsAttention() ? attention.meanWeights(normed) : null;
        MixtureOfExperts.Mixed mixed = mixture.mix(new RouterInput(mixtureNorm.apply(attended), weights, tokens));
        return new MixtureOfExperts.Mixed(attended.add(dropout.apply(mixed.y())), mixed.routing(), mixed.losses());
    }

    /// Trained values that a token does not use on average.
    double idleParameters() {
        return mixture.idleParameters();
    }
}
