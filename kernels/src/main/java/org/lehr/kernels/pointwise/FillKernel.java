package org.lehr.kernels.pointwise;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Nest;
import org.lehr.kernels.convert.Operand;
import org.lehr.kernels.convert.Run;
import org.lehr.kernels.convert.Runs;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Arrays made from a rule: `fill`: `out[i] = value`; `range`: `out[i] = start + i·step`.
///
/// Values are computed in float64 and converted to `out`'s dtype. `→ out [...]`
public final class FillKernel {

    private static final int GRAIN = 1 << 16;

    private FillKernel() {}

    /// [#range] over any strides in row-major order, one element at a time; with `step` 0 it is [#fill].
    public static void reference(View out, double start, double step) {
        write(out, start, step, Math.max(1, out.size()));
    }

    /// Any strides without overlap.
    public static void fill(View out, double value) {
        long bytes = out.size() * out.dtype().bytes();
        boolean zero = Double.doubleToRawLongBits(value) == 0;
        if (zero && out.isContiguous()) {
            MemorySegment memory = out.storage().segment();
            Workers.current()
                    .forRange(
                            bytes,
                            4L * GRAIN,
                            (from, to) -> memory.asSlice(out.byteOffset() + from, to - from)
                                    .fill((byte) 0));
        } else {
            write(out, value, 0, GRAIN);
        }
    }

    /// `out [n]`.
    public static void range(View out, double start, double step) {
        write(out, start, step, GRAIN);
    }

    private static void write(View out, double start, double step, long grain) {
        Nest nest = Nest.of("fill", out);
        Workers.current().forRange(nest.size(), grain, (from, to) -> {
            Storage scratch = Pool.host().allocate(Operand.SCRATCH + 8L * Runs.BLOCK, "fill");
            try {
                MemorySegment memory = scratch.segment();
                Operand target = Operand.output(DType.FLOAT64, out, nest, 0, from, memory, 0);
                Run block = new Run(memory, Operand.SCRATCH, 1);
                for (long done = 0; done < to - from; done += Runs.BLOCK) {
                    int n = (int) Math.min(Runs.BLOCK, to - from - done);
                    if (step != 0 || done == 0) {
                        for (int i = 0; i < n; i++) {
                            double value = step == 0 ? start : start + (from + done + i) * step;
                            memory.set(ValueLayout.JAVA_DOUBLE, block.offset() + 8L * i, value);
                        }
                    }
                    target.write(block, done, n);
                }
            } finally {
                scratch.release();
            }
        });
    }
}
