package org.lehr.kernels.lanes;

import jdk.incubator.vector.VectorShape;

/// Whether kernels can use vector instructions, and how wide they are.
///
/// The system property `lehr.vector=off` switches them off; `lehr.vector.bits` forces a width of 128, 256 or 512
/// bits instead of the machine's (a width that the machine lacks works, slowly). They need the module
/// `jdk.incubator.vector`: on the module path it is there by itself, on the class path it takes
/// `--add-modules jdk.incubator.vector`. Without it everything runs scalar, and one log line says so.
///
/// Types of that module may only be touched in nested classes that are reached after asking [#available].
public final class Lanes {

    private static final String MODULE = "jdk.incubator.vector";
    private static final String SWITCH = "lehr.vector";
    private static final String WIDTH = "lehr.vector.bits";

    private static final boolean PRESENT = ModuleLayer.boot().findModule(MODULE).isPresent();
    private static final String PROBLEM = problem();
    private static final boolean AVAILABLE = PROBLEM == null && PRESENT && !isSwitchedOff();
    private static final int BITS = AVAILABLE ? Simd.bits() : 0;

    static {
        if (!PRESENT && PROBLEM == null && !isSwitchedOff()) {
            System.getLogger("org.lehr.kernels")
                    .log(
                            System.Logger.Level.WARNING,
                            "Vector instructions are off: the module {0} is not loaded. Start java with"
                                    + " --add-modules {0} to run kernels several times faster.",
                            MODULE);
        }
    }

    private Lanes() {}

    /// Whether kernels may use the Vector API.
    ///
    /// @throws IllegalArgumentException when `lehr.vector` or `lehr.vector.bits` has a value that means nothing
    public static boolean available() {
        if (PROBLEM != null) {
            throw new IllegalArgumentException(PROBLEM);
        }
        return AVAILABLE;
    }

    /// Width of a vector in bits; 0 where there are none.
    public static int bits() {
        return available() ? BITS : 0;
    }

    /// Vector registers that a compiler has, as far as the width and the architecture tell: 32 or 16.
    public static int registers() {
        return available() && Simd.machineBits() < 512 && !"aarch64".equals(System.getProperty("os.arch")) ? 16 : 32;
    }

    /// The width, and what decided it: `512 bits (the machine's preferred width)`.
    public static String description() {
        if (available()) {
            return BITS + " bits ("
                    + (System.getProperty(WIDTH) == null ? "the machine's preferred width" : "by -D" + WIDTH) + ")";
        }
        return PRESENT ? "scalar (by -D" + SWITCH + "=off)" : "scalar (start java with --add-modules " + MODULE + ")";
    }

    private static boolean isSwitchedOff() {
        return "off".equals(System.getProperty(SWITCH));
    }

    private static String problem() {
        String state = System.getProperty(SWITCH, "on");
        if (!state.equals("on") && !state.equals("off")) {
            return SWITCH + ": expected on or off, got '" + state + "'";
        }
        String width = System.getProperty(WIDTH, "128");
        return switch (width) {
            case "128", "256", "512" -> null;
            default -> WIDTH + ": expected 128, 256 or 512, got '" + width + "'";
        };
    }

    private static final class Simd {

        private static int bits() {
            Integer forced = Integer.getInteger(WIDTH);
            return forced != null ? forced : Math.min(512, machineBits());
        }

        private static int machineBits() {
            return VectorShape.preferredShape().vectorBitSize();
        }
    }
}
