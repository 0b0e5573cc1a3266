package org.lehr.engine.schedule;

/// A way from a peak down to a floor, as a function of the share `r` of the way in `[0, 1]`; it never rises. [Decay]
/// has those without a parameter. The reverse of a profile, `at(1 − r)`, is a way up: see [WarmUp].
public interface Profile {

    /// What is left at the share `share` of the way: 1 at the beginning, 0 at the end.
    double at(double share);

    /// The number at the share `share` of the way from `peak` to `floor`: `peak·at(r) + floor·(1 − at(r))`.
    default double between(double peak, double floor, double share) {
        double left = at(share);
        return peak * left + floor * (1 - left);
    }

    /// The number at the share `r = step/steps`, and `floor` from `steps` on.
    default double between(double peak, double floor, long step, long steps) {
        return step >= steps ? floor : between(peak, floor, (double) step / steps);
    }
}
