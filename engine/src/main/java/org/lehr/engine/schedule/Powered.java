package org.lehr.engine.schedule;

import java.util.Objects;

/// `profile(r)^power`: over a line, the polynomial decay; over the half wave, optax's cosine with an exponent.
public record Powered(Profile profile, double power) implements Profile {

    public Powered {
        Objects.requireNonNull(profile, "profile");
        Require.positive("powered profile", "power", power);
    }

    @Override
    public double at(double share) {
        return StrictMath.pow(profile.at(share), power);
    }
}
