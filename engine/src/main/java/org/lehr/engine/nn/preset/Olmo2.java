package org.lehr.engine.nn.preset;

import org.lehr.engine.nn.attention.QueryKeyNorm;
import org.lehr.engine.nn.attention.RotaryScheme;
import org.lehr.engine.nn.transformer.BlockNames;
import org.lehr.engine.nn.transformer.Head;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerSizes;

/// OLMo 2 (OLMo Team 2024): `x + norm(f(x))`, queries and keys normalised over all heads, rotary positions of base
/// 500,000, SwiGLU, no biases, weights of deviation 0.02, z-loss 1e-5. Names as in the files.
public final class Olmo2 {

    /// 1.5 billion parameters.
    public static final TransformerSizes OLMO2_1B = new TransformerSizes(100_352, 4096, 16, 2048, 16, 16, 8192);

    /// 7 billion.
    public static final TransformerSizes OLMO2_7B = new TransformerSizes(100_352, 4096, 32, 4096, 32, 32, 11_008);

    private static final BlockNames NAMES = new BlockNames(
            null,
            BlockNames.LLAMA.attention(),
            "post_attention_layernorm",
            null,
            BlockNames.LLAMA.mlp(),
            "post_feedforward_layernorm",
            BlockNames.LLAMA.inAttention(),
            BlockNames.LLAMA.inMlp());

    private Olmo2() {}

    /// The model of these sizes.
    public static TransformerConfig of(TransformerSizes sizes) {
        return TransformerConfig.of(sizes)
                .withBlock(block ->
                        block.withPlacement(NormPlacement.POST_SUBLAYER).withNames(NAMES))
                .withAttention(
                        choices -> choices.withNorm(QueryKeyNorm.WHOLE_RMS).withPositions(RotaryScheme.of(500_000)))
                .withHead(Head.plain().withZLoss(1e-5))
                .withInitial(new Initial(0.02, false));
    }
}
