package org.lehr.cuda.ptx;

import java.util.Arrays;
import org.lehr.cuda.ptx.PtxFault.Kind;

/// Up to 32 threads of a block. They go on together as long as they are at the same step; of several groups, the one
/// that is furthest behind runs, until it meets the next.
final class Warp {

    static final int LANES = 32;

    /// Register `r` of lane `l` is at `r + l`.
    final long[] registers;

    private final Block block;
    private final int index;
    private final Step[] steps;
    private final int[] at = new int[LANES];
    private final LocalMemory local;
    private final CallStack calls = new CallStack();
    private final AsyncCopies copies = new AsyncCopies(this);

    private int alive;
    private int halted;
    private int meeting;
    private int step;
    private int number;
    private int barriers;
    private long done;

    Warp(Block block, int index) {
        this.block = block;
        this.index = index;
        Program program = block.launch().program();
        steps = program.steps();
        registers = new long[program.template().length];
        local = new LocalMemory(this, program.local());
    }

    /// Puts all threads before the first step.
    void reset() {
        Program program = block.launch().program();
        int threads = Math.min(LANES, block.launch().threads().count() - index * LANES);
        alive = threads == LANES ? -1 : (1 << threads) - 1;
        halted = 0;
        meeting = 0;
        barriers = 0;
        done = 0;
        calls.clear();
        copies.clear();
        System.arraycopy(program.template(), 0, registers, 0, registers.length);
        for (Program.Special special : program.specials()) {
            for (int lane = 0; lane < LANES; lane++) {
                registers[special.register() + lane] = special.value().value(this, lane);
            }
        }
        Arrays.fill(at, program.entry());
        open();
    }

    /// Goes on until no thread can, or for `most` steps.
    ///
    /// @return whether anything was done
    boolean run(int most) {
        boolean any = false;
        for (int left = most; left > 0; ) {
            int ready = alive & ~(halted | meeting);
            if (ready == 0) {
                return any;
            }
            any = true;
            int first = Integer.MAX_VALUE;
            int second = Integer.MAX_VALUE;
            int lanes = 0;
            for (int rest = ready; rest != 0; rest &= rest - 1) {
                int lane = Integer.numberOfTrailingZeros(rest);
                int place = at[lane];
                if (place < first) {
                    second = first;
                    first = place;
                    lanes = 1 << lane;
                } else if (place == first) {
                    lanes |= 1 << lane;
                } else {
                    second = Math.min(second, place);
                }
            }
            left -= runTogether(first, lanes, second);
        }
        return any;
    }

    /// Runs lanes that are at the same step until one steers or they meet those at `until`.
    private int runTogether(int from, int lanes, int until) {
        int place = from;
        while (place < until) {
            Step current = steps[place];
            step = place;
            int on = current.on(this, lanes);
            place++;
            if (current.instruction().steers()) {
                moveTo(lanes, place);
                if (on != 0) {
                    current.instruction().execute(this, on);
                }
                count(place - from, lanes);
                return place - from;
            }
            if (on != 0) {
                current.instruction().execute(this, on);
            }
        }
        moveTo(lanes, place);
        count(place - from, lanes);
        return place - from;
    }

    private void count(int steps, int lanes) {
        done += steps;
        block.count((long) steps * Integer.bitCount(lanes));
        if (done > block.launch().stepLimit()) {
            throw fault(
                    Kind.STEP_LIMIT,
                    Integer.numberOfTrailingZeros(lanes),
                    "is not done after " + block.launch().stepLimit() + " steps");
        }
    }

    /// Where lanes go on.
    void moveTo(int lanes, int place) {
        for (int left = lanes; left != 0; left &= left - 1) {
            at[Integer.numberOfTrailingZeros(left)] = place;
        }
    }

    /// Index of the step that runs.
    int step() {
        return step;
    }

    void exit(int lanes) {
        block.exiting(this, lanes);
        alive &= ~lanes;
        meeting = 0;
    }

    /// Lets lanes wait for a barrier of their block.
    void halt(int lanes) {
        halted |= lanes;
    }

    /// Lets the lanes that waited for a barrier of their block go on.
    void release(int lanes) {
        halted &= ~lanes;
    }

    /// Begins a new stretch between barriers.
    void open() {
        number = history().open(block.number(), index, block.barriers(), barriers);
    }

    /// A barrier of this warp alone.
    void order() {
        barriers++;
        open();
    }

    /// Waits until all living threads that a mask names are at the step that runs.
    ///
    /// @param members register of each lane's mask
    /// @return the threads that were waited for, or 0 as long as some are missing
    int meet(int lanes, int members) {
        int first = Integer.numberOfTrailingZeros(lanes);
        int mask = (int) registers[members + first];
        int group = 0;
        for (int left = lanes; left != 0; left &= left - 1) {
            int lane = Integer.numberOfTrailingZeros(left);
            if ((int) registers[members + lane] == mask) {
                group |= 1 << lane;
            }
        }
        moveTo(lanes, step);
        if ((group & ~mask) != 0) {
            throw fault(
                    Kind.LANES,
                    Integer.numberOfTrailingZeros(group & ~mask),
                    "is not among the lanes 0x" + Integer.toHexString(mask) + " that it waits with");
        }
        int arrived = group;
        for (int left = meeting & mask; left != 0; left &= left - 1) {
            int lane = Integer.numberOfTrailingZeros(left);
            if (at[lane] == step && (int) registers[members + lane] == mask) {
                arrived |= 1 << lane;
            }
        }
        if ((mask & alive & ~arrived) != 0) {
            meeting |= group;
            return 0;
        }
        meeting &= ~arrived;
        moveTo(arrived, step + 1);
        return arrived;
    }

    /// What is wrong with lanes that wait for lanes that cannot come.
    PtxFault stuck() {
        int lane = Integer.numberOfTrailingZeros(meeting);
        step = at[lane];
        return fault(
                Kind.LANES,
                lane,
                "waits for ever: of lanes that it waits with, 0x" + Integer.toHexString(alive & ~meeting)
                        + " are elsewhere");
    }

    PtxFault fault(Kind kind, int lane, String what) {
        return block.fault(kind, steps[step].statement(), thread(lane), what);
    }

    int alive() {
        return alive;
    }

    int meeting() {
        return meeting;
    }

    /// The number in its block of a lane's thread.
    int thread(int lane) {
        return index * LANES + lane;
    }

    /// What [History] knows a lane by.
    int number(int lane) {
        return number + lane;
    }

    String blockName(int number) {
        return block.launch().blocks().at(history().block(number)).toString();
    }

    int index() {
        return index;
    }

    Block block() {
        return block;
    }

    History history() {
        return block.launch().history();
    }

    LocalMemory local() {
        return local;
    }

    CallStack calls() {
        return calls;
    }

    AsyncCopies copies() {
        return copies;
    }
}
