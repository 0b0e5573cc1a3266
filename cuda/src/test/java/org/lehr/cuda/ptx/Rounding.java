package org.lehr.cuda.ptx;

import java.util.Optional;

/// The directions in which PTX rounds.
enum Rounding {
    NEAREST,
    NEAREST_AWAY,
    ZERO,
    DOWN,
    UP;

    /// Of `rn`, `rna`, `rz`, `rm`, `rp`, or the same for results that are whole, `rni` and so on.
    static Optional<Rounding> of(String modifier) {
        return switch (modifier) {
            case "rn", "rni" -> Optional.of(NEAREST);
            case "rna" -> Optional.of(NEAREST_AWAY);
            case "rz", "rzi" -> Optional.of(ZERO);
            case "rm", "rmi" -> Optional.of(DOWN);
            case "rp", "rpi" -> Optional.of(UP);
            default -> Optional.empty();
        };
    }

    /// The whole number next to `x`.
    double whole(double x) {
        return switch (this) {
            case NEAREST -> Math.rint(x);
            case NEAREST_AWAY -> Math.copySign(Math.floor(Math.abs(x) + 0.5), x);
            case ZERO -> x < 0 ? Math.ceil(x) : Math.floor(x);
            case DOWN -> Math.floor(x);
            case UP -> Math.ceil(x);
        };
    }

    /// Whether a number beyond the largest becomes the largest and not infinite.
    boolean staysFinite(boolean negative) {
        return this == ZERO || this == (negative ? UP : DOWN);
    }

    /// The float64 for an exact result that was rounded to the nearest.
    ///
    /// @param error sign of what the exact result is larger by
    double direct(double nearest, double error) {
        if (this == NEAREST || error == 0 || Double.isNaN(error)) {
            return nearest;
        }
        boolean up = this == UP || this == ZERO && nearest < 0;
        return up == error > 0 ? up ? Math.nextUp(nearest) : Math.nextDown(nearest) : nearest;
    }
}
