package org.lehr.engine.train.run;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/// Numbers as people read them.
final class NumberText {

    private static final String[] SUFFIXES = {"", "k", "M", "G", "T"};

    private NumberText() {}

    /// Up to `digits` significant digits, without zeros at the end: `2.346`, `12,345`, `3e-4`.
    static String of(double value, int digits) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
        }
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        if (size < 1e-3 || size >= 1e15) {
            return scientific(value, digits);
        }
        if (size >= Math.pow(10, digits)) {
            return String.format(Locale.ROOT, "%,d", Math.round(value));
        }
        return plain(new BigDecimal(value).round(new MathContext(digits)));
    }

    /// Short enough for an axis that reaches to `largest`: `1.5k`, `20M`, `0.25`, `3e-4`.
    static String tick(double value, double largest) {
        double size = Math.abs(value);
        if (Math.abs(largest) < 1e4 || size < 1e3 || size >= 1e16) {
            return size < 1e4 ? of(value, 6).replace(",", "") : of(value, 6);
        }
        int power = Math.min((int) Math.floor(Math.log10(size) / 3 + 1e-9), SUFFIXES.length - 1);
        return of(value / Math.pow(1000, power), 6) + SUFFIXES[power];
    }

    private static String scientific(double value, int digits) {
        int exponent = (int) Math.floor(Math.log10(Math.abs(value)));
        BigDecimal mantissa =
                new BigDecimal(value).scaleByPowerOfTen(-exponent).round(new MathContext(Math.max(1, digits - 1)));
        return plain(mantissa) + "e" + exponent;
    }

    private static String plain(BigDecimal value) {
        return value.stripTrailingZeros().toPlainString();
    }
}
