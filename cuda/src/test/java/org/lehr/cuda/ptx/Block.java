package org.lehr.cuda.ptx;

import java.util.ArrayList;
import java.util.List;
import org.lehr.cuda.ptx.PtxFault.Kind;

/// A block of threads while it runs, and after it the next, in the same memory.
final class Block {

    private static final int TURN = 1 << 14;

    private final Launch launch;
    private final List<Warp> warps = new ArrayList<>();
    private final Tract shared;
    private final Barriers named = new Barriers(this);
    private int number;
    private int barriers;
    private int exited;
    private long count;

    Block(Launch launch) {
        this.launch = launch;
        shared = new Tract("shared memory", launch.program().shared() + launch.shared(), false);
        for (int i = 0; i * Warp.LANES < launch.threads().count(); i++) {
            warps.add(new Warp(this, i));
        }
    }

    /// Runs the block with this number to its end.
    void run(int number) {
        this.number = number;
        barriers = 0;
        exited = 0;
        named.clear();
        for (Warp warp : warps) {
            warp.reset();
        }
        shared.reuse(warps.getFirst().number(0));
        while (exited < launch.threads().count()) {
            boolean any = false;
            for (Warp warp : warps) {
                any |= warp.run(TURN);
            }
            if (!any) {
                throw stuck();
            }
        }
    }

    private PtxFault stuck() {
        for (Warp warp : warps) {
            if (warp.meeting() != 0) {
                return warp.stuck();
            }
        }
        return named.stuck();
    }

    /// Notes that lanes end.
    void exiting(Warp warp, int lanes) {
        named.checkExit(warp, lanes);
        exited += Integer.bitCount(lanes);
    }

    /// The first thread that has ended, or -1.
    int firstExited() {
        for (Warp warp : warps) {
            for (int lane = 0; exited > 0 && lane < Warp.LANES; lane++) {
                if (warp.thread(lane) < launch.threads().count() && (warp.alive() >>> lane & 1) == 0) {
                    return warp.thread(lane);
                }
            }
        }
        return -1;
    }

    PtxFault fault(Kind kind, Statement at, int thread, String what) {
        return new PtxFault(
                kind, launch.program().kernel() + ", " + launch.program().file(), at, place().toString(), thread, what);
    }

    /// A barrier of the block was passed: what comes is ordered with what was.
    void order() {
        barriers++;
    }

    void count(long laneSteps) {
        count += laneSteps;
    }

    /// Steps of all threads of all blocks that ran.
    long count() {
        return count;
    }

    int barriers() {
        return barriers;
    }

    Barriers named() {
        return named;
    }

    int number() {
        return number;
    }

    Extent place() {
        return launch.blocks().at(number);
    }

    Tract shared() {
        return shared;
    }

    Launch launch() {
        return launch;
    }
}
