package org.lehr.engine.nn.moe;

import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.attention.AttentionNames;
import org.lehr.engine.nn.attention.MultiHeadAttention;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.transformer.BlockForm;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A pre-norm block with a mixture of experts in place of the feed-forward layer. Names as in Mixtral.
public final class MoeBlock extends Module {

    private final Layer attentionNorm;
    private final MultiHeadAttention attention;
    private final Layer mixtureNorm;
    private final MixtureOfExperts mixture;
    private final Dropout dropout;

    MoeBlock(MoeConfig config, Positions positions, RandomStream random) {
        TransformerConfig shape = config.transformer();
        BlockForm form = shape.block();
        Initializer weight = shape.initial().weight();
        Initializer output = shape.initial().output(shape.layers());
        attentionNorm = child("input_layernorm", form.norm().make(shape.width()));
        attention = child(
                "self_attn",
                new MultiHeadAttention(
                        form.attention(), positions, AttentionNames.LLAMA, weight, output, random.split("self_attn")));
        mixtureNorm = child("post_attention_layernorm", form.norm().make(shape.width()));
        mixture = child(
                "block_sparse_moe",
                new MixtureOfExperts(
                        config.mixture(),
                        config.router().make(shape.width(), random.split("gate")),
                        config.losses(),
                        weight,
                        output,
                        random.split("block_sparse_moe")));
        dropout = child("dropout", new Dropout(form.dropout(), random.split("dropout")));
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
