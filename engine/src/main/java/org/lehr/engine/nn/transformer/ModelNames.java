package org.lehr.engine.nn.transformer;

/// What the parts of a decoder are called in checkpoints.
///
/// @param embedding the table of tokens
/// @param positions the table of positions, where it is learned, or the bias of attention, where that is
/// @param embeddingNorm the norm of what goes into the first block
/// @param layers the list of blocks
/// @param norm the norm behind the last block
/// @param head the map to logits
public record ModelNames(
        String embedding, String positions, String embeddingNorm, String layers, String norm, String head) {

    /// Llama's.
    public static final ModelNames LLAMA = new ModelNames(
            "model.embed_tokens", "model.embed_positions", "model.embed_norm", "model.layers", "model.norm", "lm_head");
}
