package org.lehr.engine.nn.preset;

import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.WeightNames;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.AttentionNames;
import org.lehr.engine.nn.transformer.BlockForm;
import org.lehr.engine.nn.transformer.BlockNames;
import org.lehr.engine.nn.transformer.Depth;
import org.lehr.engine.nn.transformer.Embeddings;
import org.lehr.engine.nn.transformer.Head;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.ModelNames;
import org.lehr.engine.nn.transformer.NormFactory;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerSizes;

/// GPT-2 (Radford et al. 2019): layer norms before the parts, learned positions, GELU, biases, tied embeddings. Names
/// as
/// in the files `gpt2`, `gpt2-medium`, ...: `wte`, `wpe`, `h.0.attn.c_attn`, ..., weights of maps as `[in, out]`.
public final class Gpt2 {

    /// `gpt2`: 124 million parameters.
    public static final TransformerSizes SMALL = sizes(12, 768, 12);

    /// `gpt2-medium`: 355 million.
    public static final TransformerSizes MEDIUM = sizes(24, 1024, 16);

    /// `gpt2-large`: 774 million.
    public static final TransformerSizes LARGE = sizes(36, 1280, 20);

    /// `gpt2-xl`: 1.56 billion.
    public static final TransformerSizes XL = sizes(48, 1600, 25);

    private Gpt2() {}

    private static TransformerSizes sizes(int layers, long width, long heads) {
        return new TransformerSizes(50_257, 1024, layers, width, heads, heads, 4 * width);
    }

    /// The model of these sizes.
    public static TransformerConfig of(TransformerSizes sizes) {
        AttentionNames inAttention = new AttentionNames(null, null, null, "c_attn", "c_proj", "q_norm", "k_norm");
        Mlp.Names inMlp = new Mlp.Names(null, "c_fc", "c_proj", true);
        BlockForm block = new BlockForm(
                sizes.attention(AttentionForm.Choices.plain().withBiases(true)),
                new Mlp.Form(sizes.hidden(), Activation.GELU_TANH, false, true),
                NormFactory.layer(1e-5),
                NormPlacement.PRE,
                false,
                1,
                0.1,
                new BlockNames("ln_1", "attn", null, "ln_2", "mlp", null, inAttention, inMlp));
        return new TransformerConfig(
                sizes.vocabulary(),
                sizes.context(),
                Depth.of(sizes.layers()),
                block,
                new Embeddings(Embeddings.Table.LEARNED, 1, false, 0.1),
                Head.plain().withTied(true),
                new Initial(0.02, true),
                new ModelNames("wte", "wpe", null, "h", "ln_f", "lm_head"));
    }

    /// For files that put `transformer.` before the names, or that hold masks and the tied head, which are no
    /// parameters.
    public static WeightNames names() {
        return WeightNames.same()
                .prefix("transformer.", "")
                .skipping("\\.attn\\.(masked_)?bias$")
                .skipping("^lm_head\\.");
    }
}
