package org.lehr.bench.harness;

/// How long measurements take.
///
/// @param rounds  turns of each engine
/// @param warmUp  the first turn of native code; ours are repeated until they agree
/// @param turn    one turn
/// @param shipped whether the peer is also measured as it is shipped
/// @param large   whether models that take minutes are measured
record Effort(int rounds, TimingPlan warmUp, TimingPlan turn, boolean shipped, boolean large) {

    static final Effort FULL = new Effort(3, new TimingPlan(80, 40), new TimingPlan(40, 200), true, true);
    static final Effort QUICK = new Effort(3, new TimingPlan(40, 20), new TimingPlan(15, 60), false, false);
}
