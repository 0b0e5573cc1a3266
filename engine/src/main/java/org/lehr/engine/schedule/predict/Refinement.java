package org.lehr.engine.schedule.predict;

import java.util.Arrays;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Tabulated;

/// A schedule for the next run from the gradient norms of this one (Defazio et al. 2023): theory for the last iterate
/// gives `ηₜ ∝ wₜ·Σ_{p>t} w_p` with `wₜ = Gₜ⁻²`. Equal norms give linear decay; norms that are high at first give a
/// warm-up. It ends at 0.
///
/// @param weight what a norm weighs
/// @param smoothing width of the median filter over the norms, as a share of the run; usually 0.1
public record Refinement(Weight weight, double smoothing) {

    /// What a norm weighs.
    public enum Weight {
        /// `G⁻²` of the L2 norm, for gradient descent.
        SQUARED {
            @Override
            double of(double norm) {
                return 1 / (norm * norm);
            }
        },
        /// `1/‖g‖₁` of the L1 norm, for Adam and its kin.
        RECIPROCAL {
            @Override
            double of(double norm) {
                return 1 / norm;
            }
        };

        abstract double of(double norm);
    }

    /// For gradient descent.
    public static final Refinement DEFAULT = new Refinement(Weight.SQUARED, 0.1);

    public Refinement {
        Require.share("refinement", "smoothing", smoothing);
    }

    /// The refined schedule, with `peak` as its largest number.
    ///
    /// @param norms of every step of a run, above 0; at least two
    public Tabulated schedule(double[] norms, double peak) {
        Require.value("refinement", "peak", peak);
        if (norms.length < 2) {
            throw new IllegalArgumentException("refinement: expected norms of at least 2 steps, got " + norms.length);
        }
        for (double norm : norms) {
            Require.positive("refinement", "norms", norm);
        }
        double[] smooth = median(norms, (int) Math.round(smoothing * norms.length));
        double[] rates = new double[norms.length];
        double rest = 0;
        double highest = 0;
        for (int step = norms.length - 1; step >= 0; step--) {
            double w = weight.of(smooth[step]);
            rates[step] = w * rest;
            rest += w;
            highest = Math.max(highest, rates[step]);
        }
        for (int step = 0; step < rates.length; step++) {
            rates[step] = peak * (rates[step] / highest);
        }
        return Tabulated.of(rates);
    }

    /// The median of a window of about `width` around each value, cut off at the ends.
    static double[] median(double[] values, int width) {
        double[] medians = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            int reach = Math.min(width / 2, Math.min(i, values.length - 1 - i));
            double[] window = Arrays.copyOfRange(values, i - reach, i + reach + 1);
            Arrays.sort(window);
            medians[i] = window[reach];
        }
        return medians;
    }
}
