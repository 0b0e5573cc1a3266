package org.lehr.engine.train.run;

import java.util.List;

/// A diagram of one or several curves over the same axes.
///
/// @param title what is shown, with its unit
/// @param xLabel what runs along the horizontal axis
/// @param scale how values stand along the vertical axis
/// @param wide whether it takes the whole width of the page
/// @param series the curves; those without points are left out
public record Chart(String title, String xLabel, Scale scale, boolean wide, List<Series> series) {

    /// How values stand along the vertical axis.
    public enum Scale {
        /// From the smallest value to the largest.
        LINEAR,
        /// From zero to the largest value, for quantities whose size is to be seen.
        FROM_ZERO,
        /// By powers of ten; values of zero and less are gaps.
        LOGARITHMIC
    }

    public Chart {
        series = series.stream().filter(s -> s.size() > 0).toList();
    }

    /// A diagram over steps, of half the page's width.
    public static Chart overSteps(String title, Scale scale, Series... series) {
        return new Chart(title, "step", scale, false, List.of(series));
    }

    /// The same over the whole width.
    public Chart wider() {
        return new Chart(title, xLabel, scale, true, series);
    }
}
