package org.lehr.bench.harness;

/// What a row's measurement gave. Times are medians.
///
/// @param ours         time of a call in `unit`
/// @param peer         the same, of the peer at its best setting
/// @param peerName     the peer, and the setting where it is not the usual one
/// @param ceilingShare our useful work in a second, as a share of what the machine can do
/// @param shipped      the peer's time as it is shipped, NaN where that was not measured
record Result(
        String name, int threads, double ours, double peer, String peerName, double ceilingShare, double shipped) {

    static final String UNIT = "ms";

    /// Our speed as a multiple of the peer's.
    double ratio() {
        return peer / ours;
    }

    /// Our speed as a multiple of the peer's as it is shipped.
    double shippedRatio() {
        return shipped / ours;
    }
}
