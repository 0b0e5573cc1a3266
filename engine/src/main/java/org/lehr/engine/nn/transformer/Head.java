package org.lehr.engine.nn.transformer;

/// What comes behind the last block.
///
/// @param normed whether its output is normalised first
/// @param tied whether the map to logits is the table of tokens
/// @param softCap logits become `softCap·tanh(logits/softCap)`; 0 for no such bound
/// @param zLoss coefficient of the mean of `log² Z`, which keeps logits from drifting (Wortsman et al. 2024); 0 for
/// none
public record Head(boolean normed, boolean tied, double softCap, double zLoss) {

    /// A norm and a map of its own.
    public static Head plain() {
        return new Head(true, false, 0, 0);
    }

    public Head {
        if (!(softCap >= 0 && zLoss >= 0) || Double.isInfinite(softCap) || Double.isInfinite(zLoss)) {
            throw new IllegalArgumentException(
                    "transformer: soft cap and z-loss must be finite and not negative, got " + softCap + ", " + zLoss);
        }
    }

    public Head withTied(boolean on) {
        return new Head(normed, on, softCap, zLoss);
    }

    public Head withZLoss(double coefficient) {
        return new Head(normed, tied, softCap, coefficient);
    }
}
