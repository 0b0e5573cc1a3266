package org.lehr.engine.cli;

import java.util.Locale;

/// Numbers as people read them.
final class Sizes {

    private Sizes() {}

    /// `1.5 GB`, in powers of ten.
    static String bytes(long bytes) {
        return scaled(bytes, "B");
    }

    /// `11.1 M`, `980`.
    static String count(double count) {
        return scaled(count, "");
    }

    private static String scaled(double value, String unit) {
        String[] prefixes = {"", "k", "M", "G", "T"};
        int step = 0;
        double left = value;
        while (left >= 1000 && step < prefixes.length - 1) {
            left /= 1000;
            step++;
        }
        String digits = step == 0 ? "%.0f" : "%.1f";
        return (String.format(Locale.ROOT, digits, left) + " " + prefixes[step] + unit).strip();
    }
}
