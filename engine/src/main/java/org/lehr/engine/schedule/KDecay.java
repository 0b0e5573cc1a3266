package org.lehr.engine.schedule;

import java.util.Objects;

/// `profile(rᵏ)` (Zhang, Li 2020, k-decay): above 1, `k` keeps the number high for longer and lets it fall faster.
public record KDecay(Profile profile, double k) implements Profile {

    public KDecay {
        Objects.requireNonNull(profile, "profile");
        Require.positive("k-decay", "k", k);
    }

    @Override
    public double at(double share) {
        return profile.at(StrictMath.pow(share, k));
    }
}
