package org.lehr.kernels.pointwise;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.NearInputs;
import org.lehr.kernels.convert.Nest;
import org.lehr.kernels.convert.Operand;
import org.lehr.kernels.convert.Run;
import org.lehr.kernels.convert.Runs;
import org.lehr.kernels.convert.Strided;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// `out[i] = op(inputs[0][i], ...)`, any strides, all shapes equal. `x [...], ... → [...]`
///
/// Arrays that are dense in the same order are passed through as they are; others in blocks by way of scratch memory,
/// where they are dense, of the compute dtype, and in the first-level cache. So an operation is a loop over dense runs
/// and nothing else. Float32 always runs in whole vectors, the last one of an array filled up in scratch memory: a
/// value does not depend on where it stands. The scalar path (no Vector API) computes float32 in float64 and rounds, so
/// its last bits may differ from those of the vectors.
public final class PointwiseKernel {

    private static final int GRAIN = 1 << 15;
    private static final int VECTOR = 64;

    private PointwiseKernel() {}

    /// [#forward] in float64 or int64, one element at a time, without threads.
    public static void reference(PointwiseOp op, View out, View... inputs) {
        run(op, scalarHub(inputs[inputs.length - 1].dtype()), true, out, inputs);
    }

    /// `out` may be exactly one of the inputs (storage, offset, strides), else it overlaps none. Large inputs that
    /// stand
    /// transposed to a dense `out` are copied first, tile by tile.
    public static void forward(PointwiseOp op, View out, View... inputs) {
        DType hub = hub(op, inputs[inputs.length - 1].dtype());
        if (SmallArrays.run(op, hub, out, inputs)) {
            return;
        }
        try (NearInputs near = new NearInputs(out, inputs)) {
            run(op, hub, false, out, near.views());
        }
    }

    private static DType hub(PointwiseOp op, DType dtype) {
        boolean lanes = (dtype.bytes() < 8 && dtype.isFloating() || dtype == DType.BOOL)
                && Lanes.available()
                && lanes(op) != null;
        return lanes ? DType.FLOAT32 : scalarHub(dtype);
    }

    private static DType scalarHub(DType dtype) {
        return dtype.isFloating() || dtype == DType.BOOL ? DType.FLOAT64 : DType.INT64;
    }

    private static Object lanes(PointwiseOp op) {
        return switch (op) {
            case UnaryOp unary -> unary.lanes();
            case BinaryOp binary -> binary.lanes();
            case TernaryOp ternary -> ternary.lanes();
            default ->
                throw new IllegalArgumentException(op.name() + ": must be a UnaryOp, BinaryOp or TernaryOp, is "
                        + op.getClass().getName());
        };
    }

    private static void run(PointwiseOp op, DType hub, boolean serial, View out, View... inputs) {
        View[] views = new View[inputs.length + 1];
        views[0] = out;
        System.arraycopy(inputs, 0, views, 1, inputs.length);
        Nest nest = Nest.of(op.name(), views);
        if (nest.size() == 0) {
            return;
        }
        Object body = body(op, hub);
        Loop loop = loop(body, hub);
        Piece piece = new Piece(hub, body, loop, nest, views);
        if (serial) {
            piece.run(0, nest.size());
        } else {
            Workers.current().forRange(nest.size(), GRAIN, piece::run);
        }
    }

    /// What `hub` computes for `op`.
    static Object body(PointwiseOp op, DType hub) {
        return hub == DType.FLOAT32 ? lanes(op) : op;
    }

    static Loop loop(Object body, DType hub) {
        return (hub == DType.FLOAT32 ? Loops.LANES : hub == DType.FLOAT64 ? Loops.FLOAT64 : Loops.INT64)
                .get(body.getClass());
    }

    /// The work on a range of elements, for any range.
    private record Piece(DType hub, Object body, Loop loop, Nest nest, View[] views) {

        void run(long from, long to) {
            int count = views.length;
            Storage scratch = Pool.host().allocate(count * (long) (Operand.SCRATCH + VECTOR), "pointwise");
            try {
                MemorySegment memory = scratch.segment();
                Operand[] operands = new Operand[count];
                operands[0] = Operand.output(hub, views[0], nest, 0, from, memory, 0);
                boolean repeated = true;
                boolean direct = operands[0].isDirect();
                for (int v = 1; v < count; v++) {
                    operands[v] = Operand.input(hub, views[v], nest, v, from, memory, v * (long) Operand.SCRATCH);
                    repeated &= operands[v].run().step() == 0;
                    direct &= operands[v].isDirect();
                }
                if (repeated) {
                    operands[1] = Operand.spread(hub, views[1], nest, 1, from, memory, Operand.SCRATCH);
                    direct = false;
                }
                long block = direct ? to - from : Runs.BLOCK;
                Run[] runs = new Run[count];
                for (long done = 0; done < to - from; done += block) {
                    int n = (int) Math.min(block, to - from - done);
                    operands[0].prepare(done);
                    for (int v = 1; v < count; v++) {
                        operands[v].read(done, n);
                    }
                    Arrays.setAll(runs, v -> operands[v].run());
                    apply(runs, n, memory, count * (long) Operand.SCRATCH);
                    operands[0].write(runs[0], done, n);
                }
            } finally {
                scratch.release();
            }
        }

        private void apply(Run[] runs, int n, MemorySegment scratch, long tails) {
            int rest = hub == DType.FLOAT32 ? n % (Lanes.bits() / Float.SIZE) : 0;
            if (n > rest) {
                call(runs, n - rest);
            }
            if (rest > 0) {
                Run[] last = new Run[runs.length];
                for (int v = 0; v < runs.length; v++) {
                    Run run = runs[v];
                    last[v] = run.step() == 0 ? run : new Run(scratch, tails + (long) VECTOR * v, 1);
                    if (v > 0 && run.step() == 1) {
                        Strided.copy(4, run.segment(), run.offset() + 4L * (n - rest), scratch, last[v].offset(), rest);
                    }
                }
                call(last, Lanes.bits() / Float.SIZE);
                Run out = runs[0];
                Strided.copy(4, scratch, last[0].offset(), out.segment(), out.offset() + 4L * (n - rest), rest);
            }
        }

        private void call(Run[] runs, int n) {
            switch (runs.length) {
                case 2 -> loop.unary(body, runs[0], runs[1], n);
                case 3 -> loop.binary(body, runs[0], runs[1], runs[2], n);
                case 4 -> loop.ternary(body, runs[0], runs[1], runs[2], runs[3], n);
                default -> throw new IllegalArgumentException("pointwise: " + (runs.length - 1) + " inputs");
            }
        }
    }
}
