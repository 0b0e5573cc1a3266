package org.lehr.engine.nn.preset;

import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.QueryKeyNorm;
import org.lehr.engine.nn.attention.RotaryScheme;
import org.lehr.engine.nn.attention.RotaryStretch;
import org.lehr.engine.nn.transformer.NormFactory;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerSizes;

/// Llama (Touvron et al. 2023; Llama Team 2024): root-mean-square norms before the parts, rotary positions, SwiGLU, no
/// biases. Names as in the files: `model.embed_tokens`, `model.layers.0.self_attn.q_proj`, ..., `lm_head`.
public final class Llama {

    /// Llama 2, 7 billion parameters.
    public static final TransformerSizes LLAMA2_7B = new TransformerSizes(32_000, 4096, 32, 4096, 32, 32, 11_008);

    /// Llama 3.2, 1.2 billion, with the head tied to the embedding.
    public static final TransformerSizes LLAMA32_1B = new TransformerSizes(128_256, 131_072, 16, 2048, 32, 8, 8192);

    /// Llama 3.1, 8 billion.
    public static final TransformerSizes LLAMA31_8B = new TransformerSizes(128_256, 131_072, 32, 4096, 32, 8, 14_336);

    private Llama() {}

    /// The second generation.
    public static TransformerConfig two(TransformerSizes sizes) {
        return of(sizes, RotaryScheme.of(10_000));
    }

    /// The third generation, from 3.1 on: positions stretched eightfold beyond 8192.
    ///
    /// @param factor of the stretch: 8, or 32 in the small models of 3.2
    public static TransformerConfig three(TransformerSizes sizes, double factor) {
        RotaryStretch stretch = new RotaryStretch.ByWavelength(factor, 1, 4, 8192);
        return of(sizes, new RotaryScheme(500_000, RotaryScheme.Layout.HALVES, 1, stretch));
    }

    private static TransformerConfig of(TransformerSizes sizes, RotaryScheme positions) {
        AttentionForm.Choices choices = AttentionForm.Choices.plain().withPositions(positions);
        return TransformerConfig.of(sizes)
                .withBlock(block -> block.withNorm(NormFactory.rms(1e-5)))
                .withAttention(old -> choices.withNorm(QueryKeyNorm.NONE));
    }
}
