package org.lehr.engine.nn.transformer;

import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.attention.AttentionForm;

/// What the blocks of a transformer are made of.
///
/// @param attention sizes and choices of attention
/// @param mlp sizes and choices of the feed-forward layer
/// @param norm makes the norms
/// @param placement where they stand
/// @param parallel whether both parts read the same stream and are added together (Wang, Komatsuzaki 2021)
/// @param branchScale multiplies what a part adds to the stream: 1 usually, `1/√layers` for widths and depths that
/// share
///     their rates (Noci et al. 2024)
/// @param dropout probability of dropping an element of what is added
/// @param names of the parts
public record BlockForm(
        AttentionForm attention,
        Mlp.Form mlp,
        NormFactory norm,
        NormPlacement placement,
        boolean parallel,
        double branchScale,
        double dropout,
        BlockNames names) {

    public BlockForm {
        if (parallel && placement != NormPlacement.PRE) {
            throw new IllegalArgumentException(
                    "transformer block: parallel parts need norms before them, got " + placement);
        }
        if (!(branchScale > 0 && branchScale < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "transformer block: the scale of branches must be positive and finite, got " + branchScale);
        }
    }

    public BlockForm withAttention(AttentionForm other) {
        return new BlockForm(other, mlp, norm, placement, parallel, branchScale, dropout, names);
    }

    public BlockForm withMlp(Mlp.Form other) {
        return new BlockForm(attention, other, norm, placement, parallel, branchScale, dropout, names);
    }

    public BlockForm withNorm(NormFactory other) {
        return new BlockForm(attention, mlp, other, placement, parallel, branchScale, dropout, names);
    }

    public BlockForm withPlacement(NormPlacement other) {
        return new BlockForm(attention, mlp, norm, other, parallel, branchScale, dropout, names);
    }

    public BlockForm inParallel(boolean on) {
        return new BlockForm(attention, mlp, norm, placement, on, branchScale, dropout, names);
    }

    public BlockForm withBranchScale(double other) {
        return new BlockForm(attention, mlp, norm, placement, parallel, other, dropout, names);
    }

    public BlockForm withDropout(double other) {
        return new BlockForm(attention, mlp, norm, placement, parallel, branchScale, other, names);
    }

    public BlockForm withNames(BlockNames other) {
        return new BlockForm(attention, mlp, norm, placement, parallel, branchScale, dropout, other);
    }
}
