package org.lehr.bench.harness;

/// How long measurements take.
///
/// @param rounds  turns of each engine
/// @param ownWarmUp what our code gets at least before the first turn that counts, milliseconds
/// @param warmUp  the first turn of native code
/// @param turn    one turn
/// @param shipped whether the peer is also measured as it is shipped
/// @param thorough whether models that take minutes are measured too, and every row of ours has a process to itself, so
///                 that what the compiler learnt from one does not meet the next
record Effort(int rounds, int ownWarmUp, TimingPlan warmUp, TimingPlan turn, boolean shipped, boolean thorough) {

    static final Effort FULL = new Effort(3, 2000, new TimingPlan(80, 40), new TimingPlan(30, 150), true, true);
    static final Effort QUICK = new Effort(2, 800, new TimingPlan(30, 20), new TimingPlan(15, 60), false, false);

    boolean shareProcess() {
        return !thorough;
    }
}
