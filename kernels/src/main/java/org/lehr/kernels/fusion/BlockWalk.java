package org.lehr.kernels.fusion;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Nest;
import org.lehr.kernels.convert.Operand;
import org.lehr.kernels.convert.Run;
import org.lehr.kernels.convert.Runs;
import org.lehr.kernels.convert.Strided;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Computes a chain block after block, from a given element of the nest on, for one thread. Inputs that are not dense
/// values of the compute dtype pass through scratch memory, block by block, as in all pointwise kernels. Float32 is
/// computed in whole vectors: the last one is filled up in scratch memory.
final class BlockWalk implements AutoCloseable {

    private static final int VECTOR = 64;
    /// Values of a block where all inputs are used where they stand; some slots of it fit a first-level cache.
    private static final int DIRECT_BLOCK = 2048;

    private final DType hub;
    private final List<Program.Stage> stages;
    private final Object[][] bodies;
    private final MemorySegment[][] stageMemory;
    private final long[][] stagePlaces;
    private final Operand[] inputs;
    private final Storage scratch;
    private final MemorySegment[] memory;
    private final long[] places;
    private final long tails;
    private final boolean direct;

    /// @param first which view of the nest is input 0
    BlockWalk(Lowered chain, List<Program.Stage> stages, Nest nest, int first, View[] views, long from) {
        this.stages = stages;
        hub = chain.shape().lanes() ? DType.FLOAT32 : DType.FLOAT64;
        int count = views.length;
        int slots = Program.slots(stages, count);
        long slotBytes = (long) DIRECT_BLOCK * hub.bytes();
        tails = count * (long) Operand.SCRATCH;
        long firstSlot = tails + (count + 1L) * VECTOR;
        scratch = Pool.host().allocate(firstSlot + slots * slotBytes, "pointwise chain");
        MemorySegment work = scratch.segment();
        memory = new MemorySegment[count + 1 + slots];
        places = new long[memory.length];
        Arrays.fill(memory, work);
        for (int s = 0; s < slots; s++) {
            places[count + 1 + s] = firstSlot + s * slotBytes;
        }
        inputs = new Operand[count];
        boolean all = true;
        for (int v = 0; v < count; v++) {
            inputs[v] = Operand.input(hub, views[v], nest, first + v, from, work, v * (long) Operand.SCRATCH);
            all &= inputs[v].isDirect();
        }
        direct = all;
        bodies = new Object[stages.size()][];
        stageMemory = new MemorySegment[stages.size()][];
        stagePlaces = new long[stages.size()][];
        for (int s = 0; s < bodies.length; s++) {
            Program.Stage stage = stages.get(s);
            bodies[s] = Arrays.copyOfRange(chain.bodies(), stage.from(), stage.to());
            stageMemory[s] = new MemorySegment[stage.runs().length];
            stagePlaces[s] = new long[stage.runs().length];
        }
    }

    /// How many values a block may have, when the result is written `here`, to its place, or through scratch
    /// memory.
    int block(boolean here, int most) {
        return !direct || !here ? Runs.BLOCK : stages.size() == 1 ? most : DIRECT_BLOCK;
    }

    /// The next `n` values, `done` values from the beginning of the walk, as dense values of the compute dtype at
    /// `out`.
    void next(long done, int n, Run out) {
        for (int v = 0; v < inputs.length; v++) {
            inputs[v].read(done, n);
            place(v, inputs[v].run().segment(), inputs[v].run().offset());
        }
        place(inputs.length, out.segment(), out.offset());
        int rest = hub == DType.FLOAT32 ? n % (Lanes.bits() / Float.SIZE) : 0;
        if (n > rest) {
            run(n - rest);
        }
        if (rest > 0) {
            last(n - rest, rest, out);
        }
    }

    private void last(int done, int rest, Run out) {
        MemorySegment work = scratch.segment();
        for (int v = 0; v < inputs.length; v++) {
            Run run = inputs[v].run();
            if (run.step() == 1) {
                Strided.copy(4, run.segment(), run.offset() + 4L * done, work, tails + (long) VECTOR * v, rest);
                place(v, work, tails + (long) VECTOR * v);
            }
        }
        long result = tails + (long) VECTOR * inputs.length;
        place(inputs.length, work, result);
        run(Lanes.bits() / Float.SIZE);
        Strided.copy(4, work, result, out.segment(), out.offset() + 4L * done, rest);
    }

    private void run(int n) {
        for (int s = 0; s < bodies.length; s++) {
            Program.Stage stage = stages.get(s);
            int[] runs = stage.runs();
            for (int r = 0; r < runs.length; r++) {
                stageMemory[s][r] = memory[runs[r]];
                stagePlaces[s][r] = places[runs[r]];
            }
            stage.loop().run(bodies[s], stageMemory[s], stagePlaces[s], n);
        }
    }

    private void place(int run, MemorySegment segment, long offset) {
        memory[run] = segment;
        places[run] = offset;
    }

    @Override
    public void close() {
        scratch.release();
    }
}
