package org.lehr.kernels.fusion;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Nest;
import org.lehr.kernels.convert.Run;

/// The values of a float32, bfloat16 or bool chain in row-major order, for a kernel that takes them in as they are
/// computed and never as a whole.
public final class ChainSource {

    private final Lowered lowered;
    private final List<Program.Stage> stages;
    private final Nest nest;
    private final View[] inputs;

    ChainSource(ChainPlan plan) {
        inputs = plan.inputs();
        View[] views = new View[inputs.length + 1];
        views[0] = new View(null, plan.chain().type(), 0, plan.shape(), View.rowMajorStrides(plan.shape()));
        System.arraycopy(inputs, 0, views, 1, inputs.length);
        nest = Nest.of("chain", views);
        lowered = Lowered.of(plan.chain(), ChainKernel.repeated(nest, 1, inputs.length), inputs);
        stages = Program.of(lowered.shape()).stages(nest.size());
    }

    /// A reader for one thread.
    public Reader reader() {
        return new Reader();
    }

    /// Reads runs of values; runs that follow each other are faster than others.
    public final class Reader implements AutoCloseable {

        private BlockWalk walk;
        private long begin;
        private long next;

        private Reader() {}

        /// Writes the values `from` to `from + n` to `memory` as float32, from its beginning on.
        public void read(long from, int n, MemorySegment memory) {
            if (walk == null || from != next) {
                close();
                walk = new BlockWalk(lowered, stages, nest, 1, inputs, from);
                begin = from;
            }
            int block = walk.block(true, n);
            for (int done = 0; done < n; done += block) {
                int count = Math.min(block, n - done);
                walk.next(from - begin + done, count, new Run(memory, (long) done * Float.BYTES, 1));
            }
            next = from + n;
        }

        @Override
        public void close() {
            if (walk != null) {
                walk.close();
            }
        }
    }
}
