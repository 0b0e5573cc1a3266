package org.lehr.bench.harness;

/// What a row's measurement gave: times, which are medians, or memory. Less is better.
///
/// @param unit         `ms` or `MiB`
/// @param ours         what a call of ours takes
/// @param peer         the same, of the peer at its best setting
/// @param peerName     the peer, and the setting where it is not the usual one
/// @param ceilingShare our useful work in a second, as a share of what the machine can do
/// @param shipped      what it takes of the peer as it is shipped, NaN where that was not measured
record Result(
        String name,
        int threads,
        String unit,
        double ours,
        double peer,
        String peerName,
        double ceilingShare,
        double shipped) {

    static final String MILLIS = "ms";

    /// Our speed as a multiple of the peer's; of memory, how many times ours the peer's is.
    double ratio() {
        return peer / ours;
    }

    /// The same beside the peer as it is shipped.
    double shippedRatio() {
        return shipped / ours;
    }
}
