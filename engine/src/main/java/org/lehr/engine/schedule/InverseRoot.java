package org.lehr.engine.schedule;

/// `1 − h(r)/h(1)` with `h(x) = 1/√(1 + sharpness·x) − 1`: the cooldown of infinite schedules that falls like an
/// inverse square root (Ibrahim et al. 2024).
public record InverseRoot(double sharpness) implements Profile {

    public InverseRoot {
        Require.positive("inverse root", "sharpness", sharpness);
    }

    @Override
    public double at(double share) {
        return 1 - height(share) / height(1);
    }

    private double height(double share) {
        return 1 / Math.sqrt(1 + sharpness * share) - 1;
    }
}
