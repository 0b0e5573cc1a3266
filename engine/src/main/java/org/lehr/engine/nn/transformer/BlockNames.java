package org.lehr.engine.nn.transformer;

import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.attention.AttentionNames;

/// What the parts of a block are called in checkpoints. Norms that a placement does not have need no name.
///
/// @param attentionNorm the norm before attention
/// @param attention the attention layer
/// @param attentionPost the norm behind it
/// @param mlpNorm the norm before the feed-forward layer; in a parallel block null for the one that attention has
/// @param mlp the feed-forward layer; null where its maps stand in the block itself
/// @param mlpPost the norm behind it
/// @param inAttention the parts of the attention layer
/// @param inMlp the parts of the feed-forward layer
public record BlockNames(
        String attentionNorm,
        String attention,
        String attentionPost,
        String mlpNorm,
        String mlp,
        String mlpPost,
        AttentionNames inAttention,
        Mlp.Names inMlp) {

    /// Llama's, with names for norms behind the parts as Gemma 2 has them.
    public static final BlockNames LLAMA = new BlockNames(
            "input_layernorm",
            "self_attn",
            "post_self_attn_layernorm",
            "post_attention_layernorm",
            "mlp",
            "post_mlp_layernorm",
            AttentionNames.LLAMA,
            Mlp.Names.LLAMA);
}
