package org.lehr.kernels.memory;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How much memory the host's pool may take.
final class MemoryLimit {

    static final String PROPERTY = "lehr.memory";

    private static final double DEFAULT_SHARE = 0.6;
    /// One part in this many of a device is left to its driver and its other users.
    private static final int DEVICE_RESERVE = 10;

    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})([kmgt]?)(?:i?b)?");
    private static final Pattern SHARE = Pattern.compile("(\\d{1,3}(?:\\.\\d+)?)%");

    private MemoryLimit() {}

    static long ofHost() {
        return parse(System.getProperty(PROPERTY), machineBytes());
    }

    /// @param property names the device's own limit
    /// @param bytes what the device has
    static long ofDevice(String property, long bytes) {
        String text = System.getProperty(property);
        return text == null ? bytes - bytes / DEVICE_RESERVE : parse(property, text, bytes);
    }

    /// `text` in bytes: a size, a share of `machine`, or null for the default share.
    static long parse(String text, long machine) {
        return parse(PROPERTY, text, machine);
    }

    private static long parse(String property, String text, long machine) {
        if (text == null) {
            return (long) (DEFAULT_SHARE * machine);
        }
        String given = text.strip().toLowerCase(Locale.ROOT);
        Matcher size = SIZE.matcher(given);
        if (size.matches()) {
            int power = "kmgt".indexOf(size.group(2)) + (size.group(2).isEmpty() ? 0 : 1);
            long bytes = Long.parseLong(size.group(1));
            if (bytes > 0 && bytes <= SizeClasses.LARGEST >> 10 * power) {
                return bytes << 10 * power;
            }
        }
        Matcher share = SHARE.matcher(given);
        if (share.matches()) {
            double percent = Double.parseDouble(share.group(1));
            if (percent > 0 && percent <= 100) {
                return (long) (percent / 100 * machine);
            }
        }
        throw new IllegalArgumentException(
                property + ": expected bytes (1000000, 512m, 4g) or a share of the memory (60%), got '" + text + "'");
    }

    /// Memory of the machine, or of the container around this process.
    static long machineBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /// Whether this virtual machine ignores requests for a collection.
    static boolean explicitCollectionDisabled() {
        HotSpotDiagnosticMXBean hotSpot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return hotSpot != null
                && Boolean.parseBoolean(hotSpot.getVMOption("DisableExplicitGC").getValue());
    }
}
