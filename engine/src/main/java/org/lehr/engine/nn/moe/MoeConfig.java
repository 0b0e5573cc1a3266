package org.lehr.engine.nn.moe;

import java.util.List;
import org.lehr.engine.nn.TransformerConfig;

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
