package org.lehr.bench.harness;

/// How long measurements take.
///
/// @param rounds  turns of each engine
/// @param settle  a turn of ours before the first one that counts; they are repeated until they agree
/// @param warmUp  the first turn of native code
/// @param turn    one turn
/// @param shipped whether the peer is also measured as it is shipped
/// @param large   whether models that take minutes are measured
record Effort(int rounds, TimingPlan settle, TimingPlan warmUp, TimingPlan turn, boolean shipped, boolean large) {

    static final Effort FULL =
            new Effort(3, new TimingPlan(150, 150), new TimingPlan(80, 40), new TimingPlan(30, 150), true, true);
    static final Effort QUICK =
            new Effort(2, new TimingPlan(60, 60), new TimingPlan(30, 20), new TimingPlan(15, 60), false, false);
}
