package org.lehr.bench;

/// The useful work of one call, and which of the machine's limits it is held against.
///
/// @param amount float32 operations, or bytes that must be read and written at least once
public record Cost(Bound bound, double amount) {

    /// The limits of a machine that are measured.
    public enum Bound {
        /// Fused multiply-adds, two operations each.
        ARITHMETIC,
        /// A copy of as many bytes, reads and writes counted.
        BANDWIDTH
    }

    /// A multiplication with an addition is two operations; one in float64 fills two float32 lanes and counts
    /// twice.
    public static Cost operations(double count) {
        return new Cost(Bound.ARITHMETIC, count);
    }

    /// For `floats` float32 numbers read or written.
    public static Cost floats(double floats) {
        return new Cost(Bound.BANDWIDTH, floats * Float.BYTES);
    }
}
