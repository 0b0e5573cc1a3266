package org.lehr.engine.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The ways from 1 to 0 that have a name, as functions of the share `r` of the way in `[0, 1]`.
public enum Decay implements Profile {
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
            return 0.5 * (1 + StrictMath.cos(Math.PI * share));
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
    /// `2·2⁻ʳ − 1`, nearly a line (Megatron-LM)
    EXPONENTIAL {
        @Override
        public double at(double share) {
            return 2 * StrictMath.pow(0.5, share) - 1;
        }
    },
    /// `(1 − r) / (½ + ½(1 − r))` (Chen et al. 2022, REX): stays above the line and falls at the end
    REX {
        @Override
        public double at(double share) {
            return (1 - share) / (0.5 + 0.5 * (1 - share));
        }
    },
    /// `peak·(floor/peak)ʳ`: the same factor with every step. Only between numbers above 0; alone, `at` is the
    /// way to a hundredth.
    GEOMETRIC {
        @Override
        public double at(double share) {
            return (StrictMath.pow(0.01, share) - 0.01) / 0.99;
        }

        @Override
        public double between(double peak, double floor, double share) {
            requireAbove(this, peak, floor);
            return within(peak, floor, peak * StrictMath.pow(floor / peak, share));
        }
    },
    /// `1 / ((1 − r)/peak + r/floor)`: the reciprocal is a line (Wen et al. 2024, the decay of WSD-S). Only to a
    /// floor above 0; alone, `at` is the way to a hundredth.
    INVERSE_PROPORTIONAL {
        @Override
        public double at(double share) {
            return (1 / (1 - share + 100 * share) - 0.01) / 0.99;
        }

        @Override
        public double between(double peak, double floor, double share) {
            requireAbove(this, peak, floor);
            return within(peak, floor, 1 / ((1 - share) / peak + share / floor));
        }
    };

    private static void requireAbove(Decay shape, double peak, double floor) {
        if (!(peak > 0 && floor > 0)) {
            throw new IllegalArgumentException(
                    "the shape " + shape + " goes only between numbers above 0, got " + peak + " and " + floor);
        }
    }

    private static double within(double peak, double floor, double number) {
        return Math.clamp(number, Math.min(peak, floor), Math.max(peak, floor));
    }

    /// The decay that specifications spell `text`.
    ///
    /// @throws IllegalArgumentException that names all there are
    public static Decay named(String text) {
        List<String> shapes = new ArrayList<>();
        for (Decay decay : values()) {
            if (decay.toString().equals(text)) {
                return decay;
            }
            shapes.add(decay.toString());
        }
        throw new IllegalArgumentException("unknown shape '" + text + "'; known are " + String.join(", ", shapes));
    }

    /// As specifications spell it: `one-minus-sqrt`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
