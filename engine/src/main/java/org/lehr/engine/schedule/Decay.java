package org.lehr.engine.schedule;

import java.util.Locale;

/// The ways from 1 to 0, as functions of the share `r` of the way in `[0, 1]`. All of them only fall.
public enum Decay {
    /// `1 − r`
    LINEAR {
        @Override
        public double at(double share) {
            return 1 - share;
        }
    },
    /// `½(1 + cos πr)` (Loshchilov, Hutter 2017)
    COSINE {
        @Override
        public double at(double share) {
            return 0.5 * (1 + Math.cos(Math.PI * share));
        }
    },
    /// `1 − √r` (Hägele et al. 2024): falls fast at first; their best for [Wsd]
    ONE_MINUS_SQRT {
        @Override
        public double at(double share) {
            return 1 - Math.sqrt(share);
        }
    },
    /// `1 − r²` (Hägele et al. 2024): falls late
    ONE_MINUS_SQUARE {
        @Override
        public double at(double share) {
            return 1 - share * share;
        }
    },
    /// `2·2⁻ʳ − 1`, nearly a line
    EXPONENTIAL {
        @Override
        public double at(double share) {
            return 2 * Math.pow(0.5, share) - 1;
        }
    };

    /// What is left at the share `share` of the way: `at(0)` is 1, `at(1)` is 0.
    public abstract double at(double share);

    /// `peak·at(r) + floor·(1 − at(r))` at the share `r = step/steps`, and `floor` from `steps` on.
    double between(double peak, double floor, long step, long steps) {
        if (step >= steps) {
            return floor;
        }
        double left = at((double) step / steps);
        return peak * left + floor * (1 - left);
    }

    /// As specifications spell it: `one-minus-sqrt`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
