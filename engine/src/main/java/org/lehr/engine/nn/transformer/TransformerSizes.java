package org.lehr.engine.nn.transformer;

import org.lehr.engine.nn.attention.AttentionForm;

/// The sizes of a transformer.
///
/// @param vocabulary number of tokens
/// @param context longest sequence
/// @param layers number of blocks
/// @param width width of the stream
/// @param heads attention heads, a divisor of `width`
/// @param keyHeads key and value heads, a divisor of `heads`
/// @param hidden inner width of the feed-forward layers
public record TransformerSizes(
        long vocabulary, long context, int layers, long width, long heads, long keyHeads, long hidden) {

    /// As many key heads as heads, and a hidden width that suits gated layers: 8/3 of the width, rounded up to 32.
    public static TransformerSizes of(long vocabulary, long context, int layers, long width, long heads) {
        return new TransformerSizes(vocabulary, context, layers, width, heads, heads, (width * 8 / 3 + 31) / 32 * 32);
    }

    /// Attention of these sizes.
    public AttentionForm attention(AttentionForm.Choices choices) {
        return AttentionForm.of(width, heads, keyHeads, choices);
    }
}
