package org.lehr.engine.nn.hybrid;

import org.lehr.engine.nn.ssm.Mamba;

/// The shape of a [MemMambaBlock].
///
/// @param mamba the shape of the mixer
/// @param heads heads of attention to pools, a divisor of the width
/// @param places summaries that a pool holds
/// @param segment tokens that are read before pools change
/// @param importantFrom the importance τ₁ above which a token is summarised, in [0, 1)
/// @param forgottenFrom the score of forgetting τ₂ above which the pool is asked, in [0, 1)
/// @param every one block of so many also asks the pools of the blocks before it
public record MemMambaForm(
        Mamba.Form mamba, long heads, long places, int segment, double importantFrom, double forgottenFrom, int every) {

    public MemMambaForm {
        if (heads < 1 || mamba.width() % heads != 0 || places < 1 || segment < 1 || every < 1) {
            throw new IllegalArgumentException("memmamba: needs heads that divide the width and positive places,"
                    + " segment and interval, got width " + mamba.width() + ", heads " + heads + ", places " + places
                    + ", segment " + segment + ", every " + every);
        }
        if (!(importantFrom >= 0 && importantFrom < 1 && forgottenFrom >= 0 && forgottenFrom < 1)) {
            throw new IllegalArgumentException(
                    "memmamba: thresholds must be in [0, 1), got " + importantFrom + " and " + forgottenFrom);
        }
    }

    /// One head, 32 places, segments of 16 tokens, thresholds of a half, the pools of other blocks in every second
    /// block.
    public static MemMambaForm of(long width) {
        return new MemMambaForm(Mamba.Form.of(width), 1, 32, 16, 0.5, 0.5, 2);
    }
}
