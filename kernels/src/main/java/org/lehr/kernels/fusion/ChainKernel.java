package org.lehr.kernels.fusion;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.CopyKernel;
import org.lehr.kernels.convert.NearInputs;
import org.lehr.kernels.convert.Nest;
import org.lehr.kernels.convert.Operand;
import org.lehr.kernels.convert.Run;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;
import org.lehr.kernels.pointwise.PointwiseKernel;

/// Several pointwise operations in one pass over memory. `x [...], y [...], ... → [...]`
///
/// The result has the bits of the operations done one by one ([Chain#stepwise]).
public final class ChainKernel {

    private static final int GRAIN = 1 << 16;

    private ChainKernel() {}

    /// Computes `chain`, whose inputs have the shape of `out` (strides of 0 repeat); `out` overlaps none of them.
    public static void forward(Chain chain, View out, View... inputs) {
        if (chain.steps().size() == 1) {
            Chain.Step step = chain.steps().getFirst();
            View[] operands = step.operands().stream().map(v -> inputs[v]).toArray(View[]::new);
            if (step.op() instanceof Conversion) {
                CopyKernel.forward(out, operands[0]);
            } else {
                PointwiseKernel.forward(step.op(), out, operands);
            }
            return;
        }
        if (Compute.of(chain, inputs) == Compute.NONE) {
            throw new IllegalArgumentException("chain: its operations are not computed in one dtype: " + chain);
        }
        try (NearInputs near = new NearInputs(out, inputs)) {
            fused(chain, out, near.views());
        }
    }

    private static void fused(Chain chain, View out, View... inputs) {
        View[] views = new View[inputs.length + 1];
        views[0] = out;
        System.arraycopy(inputs, 0, views, 1, inputs.length);
        Nest nest = Nest.of("chain", views);
        if (nest.size() == 0) {
            return;
        }
        Lowered lowered = Lowered.of(chain, repeated(nest, 1, inputs.length), inputs);
        List<Program.Stage> stages = Program.of(lowered.shape()).stages(nest.size());
        Workers.current()
                .forRange(nest.size(), GRAIN, (from, to) -> piece(lowered, stages, nest, out, inputs, from, to));
    }

    private static void piece(
            Lowered chain, List<Program.Stage> stages, Nest nest, View out, View[] inputs, long from, long to) {
        DType hub = chain.shape().lanes() ? DType.FLOAT32 : DType.FLOAT64;
        Storage scratch = Pool.host().allocate(Operand.SCRATCH, "pointwise chain");
        try (BlockWalk walk = new BlockWalk(chain, stages, nest, 1, inputs, from)) {
            MemorySegment work = scratch.segment();
            Operand result = Operand.output(hub, out, nest, 0, from, work, 0);
            int block = walk.block(result.isDirect(), (int) (to - from));
            for (long done = 0; done < to - from; done += block) {
                int n = (int) Math.min(block, to - from - done);
                result.prepare(done);
                Run run = result.run();
                walk.next(done, n, run);
                result.write(run, done, n);
            }
        } finally {
            scratch.release();
        }
    }

    /// Which of `count` views of the nest, from `first` on, are one number for all places.
    static boolean[] repeated(Nest nest, int first, int count) {
        boolean[] repeated = new boolean[count];
        for (int v = 0; v < count; v++) {
            repeated[v] = nest.isLinear(first + v) && nest.innerStride(first + v) == 0;
        }
        return repeated;
    }
}
