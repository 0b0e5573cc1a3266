package org.lehr.engine.schedule;

/// `½(1 − tanh(lower·(1 − r) + upper·r))` (Hsueh et al. 2019): level, a fall in the middle, level. It begins and ends
/// where the tangent does, so a little below 1 and above 0: with −7 and 3 at 1 − 8·10⁻⁷ and 0.0025.
public record HyperbolicTangent(double lower, double upper) implements Profile {

    public HyperbolicTangent {
        if (!(lower < upper && Double.isFinite(lower) && Double.isFinite(upper))) {
            throw new IllegalArgumentException(
                    "tanh: lower must be below upper, both finite, got " + lower + " and " + upper);
        }
    }

    @Override
    public double at(double share) {
        return 0.5 * (1 - StrictMath.tanh(lower * (1 - share) + upper * share));
    }
}
