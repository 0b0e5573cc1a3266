package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// `out[i] = in[i]`, converted to `out`'s dtype; any strides on both sides, same shape, no overlap between the two.
///
/// Floating to integer truncates towards zero and saturates, NaN becomes 0; integer to integer keeps the low bits; to
/// bool is `≠ 0`; float32 to bfloat16 rounds to nearest, ties to even.
public final class CopyKernel {

    private static final int GRAIN = 1 << 15;

    private CopyKernel() {}

    /// [#forward] one element at a time, in the order of the shape.
    public static void reference(View out, View in) {
        MemorySegment dst = out.storage().segment();
        MemorySegment src = in.storage().segment();
        DType hub = Runs.hub(in.dtype(), out.dtype());
        Storage scratch = Pool.host().allocate(8, "copy");
        try {
            long[] index = new long[out.rank()];
            for (long i = 0, n = out.size(); i < n; i++) {
                MemorySegment one = scratch.segment();
                Runs.load(hub, in.dtype(), src, place(in, index), one, 0, 1);
                Runs.store(hub, out.dtype(), one, 0, dst, place(out, index), 1);
                step(index, out.shape());
            }
        } finally {
            scratch.release();
        }
    }

    /// Dense to dense of one dtype is a memory copy; where the innermost dimensions differ (a transposed matrix)
    /// the copy
    /// goes tile by tile; the rest goes row by row.
    public static void forward(View out, View in) {
        Nest nest = Nest.of("copy", out, in);
        if (nest.size() == 0) {
            return;
        }
        MemorySegment dst = out.storage().segment();
        MemorySegment src = in.storage().segment();
        if (out.dtype() == in.dtype()) {
            int tiled = TiledCopy.dimension(nest);
            if (tiled >= 0) {
                TiledCopy.run(nest, tiled, out.dtype().bytes(), dst, out.byteOffset(), src, in.byteOffset());
            } else {
                Workers.current().forRange(nest.size(), GRAIN, (from, to) -> move(nest, out, dst, in, src, from, to));
            }
        } else {
            Workers.current().forRange(nest.size(), GRAIN, (from, to) -> convert(nest, out, in, from, to));
        }
    }

    /// Whether [#forward] between views of one dtype would go tile by tile.
    public static boolean isTransposing(View out, View in) {
        return TiledCopy.dimension(Nest.of("copy", out, in)) >= 0;
    }

    private static void move(Nest nest, View out, MemorySegment dst, View in, MemorySegment src, long from, long to) {
        int bytes = out.dtype().bytes();
        Nest.Cursor writes = nest.cursor(0, from);
        Nest.Cursor reads = nest.cursor(1, from);
        for (long at = from; at < to; ) {
            int run = (int) Math.min(writes.rowLeft(), to - at);
            Strided.move(
                    bytes,
                    src,
                    in.byteOffset() + reads.offset() * bytes,
                    reads.innerStride() * bytes,
                    dst,
                    out.byteOffset() + writes.offset() * bytes,
                    writes.innerStride() * bytes,
                    run);
            writes.advance(run);
            reads.advance(run);
            at += run;
        }
    }

    private static void convert(Nest nest, View out, View in, long from, long to) {
        DType hub = Runs.hub(in.dtype(), out.dtype());
        Storage scratch = Pool.host().allocate(2L * Operand.SCRATCH, "copy");
        try {
            MemorySegment memory = scratch.segment();
            Operand source = Operand.spread(hub, in, nest, 1, from, memory, 0);
            Operand target = Operand.output(hub, out, nest, 0, from, memory, Operand.SCRATCH);
            for (long done = 0; done < to - from; done += Runs.BLOCK) {
                int n = (int) Math.min(Runs.BLOCK, to - from - done);
                source.read(done, n);
                target.write(source.run(), done, n);
            }
        } finally {
            scratch.release();
        }
    }

    private static long place(View view, long[] index) {
        long place = view.offset();
        for (int d = 0; d < index.length; d++) {
            place += index[d] * view.strides()[d];
        }
        return place * view.dtype().bytes();
    }

    private static void step(long[] index, long[] shape) {
        for (int d = shape.length - 1; d >= 0; d--) {
            if (++index[d] < shape[d]) {
                return;
            }
            index[d] = 0;
        }
    }
}
