package org.lehr.engine.optim;

/// Weight decay that means the same for runs of any length (Loshchilov, Hutter 2019, appendix B.1).
public final class NormalizedDecay {

    private NormalizedDecay() {}

    /// `λ = normalised·√(batch/(samples·epochs))`.
    ///
    /// @param normalized the decay that is kept from run to run, such as 0.05
    /// @param batch samples of a step
    /// @param samples samples of an epoch
    /// @param epochs how many epochs, or those until the next restart
    public static double of(double normalized, long batch, long samples, double epochs) {
        if (!(normalized >= 0) || batch < 1 || samples < 1 || !(epochs > 0)) {
            throw new IllegalArgumentException("normalized decay: needs a decay of at least 0 and positive sizes, got "
                    + normalized + ", a batch of " + batch + ", " + samples + " samples and " + epochs + " epochs");
        }
        return normalized * Math.sqrt(batch / (samples * epochs));
    }
}
