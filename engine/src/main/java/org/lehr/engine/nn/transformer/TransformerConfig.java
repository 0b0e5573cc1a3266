package org.lehr.engine.nn.transformer;

import java.util.function.UnaryOperator;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.QueryKeyNorm;
import org.lehr.engine.nn.attention.RotaryScheme;

/// A decoder: its sizes, its blocks, and what stands before and behind them. [org.lehr.engine.nn.preset] has those of
/// well-known models.
///
/// @param vocabulary number of tokens
/// @param context longest sequence
/// @param depth layers, and which of them share weights
/// @param block what they are made of
/// @param embeddings what goes into the first
/// @param head what comes behind the last
/// @param initial how weights begin
/// @param names what parts are called in checkpoints
public record TransformerConfig(
        long vocabulary,
        long context,
        Depth depth,
        BlockForm block,
        Embeddings embeddings,
        Head head,
        Initial initial,
        ModelNames names) {

    public TransformerConfig {
        if (vocabulary < 1 || context < 1) {
            throw new IllegalArgumentException(
                    "transformer: sizes must be positive, got vocabulary " + vocabulary + ", context " + context);
        }
    }

    /// The default of this library: Llama's blocks (norms before the parts, rotary positions, SwiGLU, no biases)
    /// with
    /// normalised queries and keys, and first weights of deviation 0.02 that shrink with depth.
    public static TransformerConfig of(TransformerSizes sizes) {
        AttentionForm.Choices choices =
                AttentionForm.Choices.plain().withNorm(QueryKeyNorm.HEAD_RMS).withPositions(RotaryScheme.of(10_000));
        BlockForm block = new BlockForm(
                sizes.attention(choices),
                new Mlp.Form(sizes.hidden(), Activation.SILU, true, false),
                NormFactory.rms(1e-6),
                NormPlacement.PRE,
                false,
                1,
                0,
                BlockNames.LLAMA);
        return new TransformerConfig(
                sizes.vocabulary(),
                sizes.context(),
                Depth.of(sizes.layers()),
                block,
                Embeddings.plain(),
                Head.plain(),
                new Initial(0.02, true),
                ModelNames.LLAMA);
    }

    /// The default with sizes as in [TransformerSizes#of].
    public static TransformerConfig of(long vocabulary, long context, int layers, long width, long heads) {
        return of(TransformerSizes.of(vocabulary, context, layers, width, heads));
    }

    /// Width of the stream.
    public long width() {
        return block.attention().width();
    }

    /// Layers that a token goes through.
    public int layers() {
        return depth.layers();
    }

    public TransformerConfig withDepth(Depth other) {
        return new TransformerConfig(vocabulary, context, other, block, embeddings, head, initial, names);
    }

    public TransformerConfig withBlock(UnaryOperator<BlockForm> change) {
        return new TransformerConfig(vocabulary, context, depth, change.apply(block), embeddings, head, initial, names);
    }

    /// Other choices of attention in all blocks.
    public TransformerConfig withAttention(UnaryOperator<AttentionForm.Choices> change) {
        AttentionForm form = block.attention();
        return withBlock(old -> old.withAttention(form.withChoices(change.apply(form.choices()))));
    }

    public TransformerConfig withEmbeddings(Embeddings other) {
        return new TransformerConfig(vocabulary, context, depth, block, other, head, initial, names);
    }

    public TransformerConfig withHead(Head other) {
        return new TransformerConfig(vocabulary, context, depth, block, embeddings, other, initial, names);
    }

    public TransformerConfig withInitial(Initial other) {
        return new TransformerConfig(vocabulary, context, depth, block, embeddings, head, other, names);
    }

    public TransformerConfig withNames(ModelNames other) {
        return new TransformerConfig(vocabulary, context, depth, block, embeddings, head, initial, other);
    }
}
