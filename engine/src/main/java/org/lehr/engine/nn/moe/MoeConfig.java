package org.lehr.engine.nn.moe;

import java.util.List;
import org.lehr.engine.nn.transformer.Depth;
import org.lehr.engine.nn.transformer.Embeddings;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.nn.transformer.TransformerConfig;

/// The sizes and choices of a [MoeLM].
///
/// @param transformer everything but the mixtures; `hidden` is that of the blocks without one
/// @param mixture what a mixture is made of
/// @param every one block of so many has a mixture, the last of them: 1 for all blocks
/// @param router makes the router of each mixture
/// @param losses what is to be small in each mixture
public record MoeConfig(
        TransformerConfig transformer,
        MixtureOfExperts.Form mixture,
        int every,
        RouterFactory router,
        List<RoutingLoss.Term> losses) {

    public MoeConfig {
        losses = List.copyOf(losses);
        if (every < 1 || every > transformer.layers()) {
            throw new IllegalArgumentException("moe: a block with a mixture is needed, got one of " + every + " for "
                    + transformer.layers() + " layers");
        }
        boolean plain = transformer.block().placement() == NormPlacement.PRE
                && !transformer.block().parallel()
                && transformer.depth().equals(Depth.of(transformer.layers()))
                && transformer.embeddings().equals(Embeddings.plain());
        if (!plain) {
            throw new IllegalArgumentException("moe: needs distinct blocks with norms before their parts and plain"
                    + " embeddings, got " + transformer.block().placement()
                    + (transformer.block().parallel() ? " in parallel, " : ", ") + transformer.depth() + ", "
                    + transformer.embeddings());
        }
        if (mixture.experts().width() != transformer.width()) {
            throw new IllegalArgumentException("moe: experts of width "
                    + mixture.experts().width() + " do not fit a stream of width " + transformer.width());
        }
    }

    /// Whether block `i`, counted from 0, has a mixture.
    boolean hasMixture(int i) {
        return i % every == every - 1;
    }
}
