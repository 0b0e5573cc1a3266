package org.lehr.engine.schedule;

import java.util.Objects;

/// `start·profile(r)`: a decay that begins with a drop to the share `start` of the peak (the lowered line of Dremov
/// et al. 2025, cooldown stages of WSD, has 0.7).
public record Lowered(Profile profile, double start) implements Profile {

    public Lowered {
        Objects.requireNonNull(profile, "profile");
        Require.positive("lowered profile", "start", start);
        Require.notAbove("lowered profile", "start", start, "1", 1);
    }

    @Override
    public double at(double share) {
        return start * profile.at(share);
    }
}
