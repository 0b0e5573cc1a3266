package org.lehr.engine.nn.attention;

/// How the frequencies of rotary positions change, so that a model reads on behind the context that it was trained
/// with.
public sealed interface RotaryStretch {

    /// The frequency that takes the place of `frequency`, in radians a position.
    double of(double frequency);

    /// Frequencies as they are.
    record None() implements RotaryStretch {
        @Override
        public double of(double frequency) {
            return frequency;
        }
    }

    /// All frequencies divided by `factor` (Chen et al. 2023).
    record Interpolated(double factor) implements RotaryStretch {
        public Interpolated {
            requireFactor(factor);
        }

        @Override
        public double of(double frequency) {
            return frequency / factor;
        }
    }

    /// Wavelengths up to `context/high` as they are, those from `context/low` on `factor` times as long, the ones
    /// between in between (Llama 3.1: 8, 1, 4, 8192).
    ///
    /// @param context positions of the original training
    record ByWavelength(double factor, double low, double high, long context) implements RotaryStretch {
        public ByWavelength {
            requireFactor(factor);
            if (!(low > 0 && high > low) || context < 1) {
                throw new IllegalArgumentException("rotary: needs 0 < low < high and a positive context, got " + low
                        + ", " + high + ", " + context);
            }
        }

        @Override
        public double of(double frequency) {
            double turns = context * frequency / (2 * Math.PI);
            double kept = Math.clamp((turns - low) / (high - low), 0, 1);
            return kept * frequency + (1 - kept) * frequency / factor;
        }
    }

    private static void requireFactor(double factor) {
        if (!(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("rotary: the factor must be finite and at least 1, got " + factor);
        }
    }
}
