package org.lehr.kernels.memory;

/// Block sizes: multiples of 64 bytes up to 1 KiB, then eight steps to each doubling, so that a block is at most an
/// eighth larger than what was asked for (rounded up to 64 bytes).
final class SizeClasses {

    /// More than this many bytes are refused: no machine has them, and sums of sizes cannot overflow.
    static final long LARGEST = 1L << 46;

    static final int COUNT = index(LARGEST) + 1;

    private static final int LINEAR = 16;
    private static final int STEPS = 8;

    private SizeClasses() {}

    /// The class of the smallest block that holds `bytes`.
    static int index(long bytes) {
        long last = Math.max(bytes - 1, 0) / Pool.ALIGNMENT;
        if (last < LINEAR) {
            return (int) last;
        }
        int shift = 60 - Long.numberOfLeadingZeros(last);
        return (int) (LINEAR + (shift - 1) * STEPS + (last >> shift) - STEPS);
    }

    /// Bytes of the blocks of a class.
    static long blockBytes(int index) {
        if (index < LINEAR) {
            return (index + 1L) * Pool.ALIGNMENT;
        }
        int shift = (index - LINEAR) / STEPS + 1;
        long step = (index - LINEAR) % STEPS + STEPS;
        return ((step + 1) << shift) * Pool.ALIGNMENT;
    }
}
