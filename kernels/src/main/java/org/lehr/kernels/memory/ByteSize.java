package org.lehr.kernels.memory;

import java.util.Locale;

/// Amounts of memory as people read them.
public final class ByteSize {

    private static final String PREFIXES = " KMGTPE";

    private ByteSize() {}

    /// `bytes` with a binary prefix: `512 bytes`, `3.0 MiB`.
    public static String format(long bytes) {
        if (bytes < 1024) {
            return bytes + " bytes";
        }
        int power = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %ciB", bytes / (double) (1L << 10 * power), PREFIXES.charAt(power));
    }
}
