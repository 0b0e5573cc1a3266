package org.lehr.kernels.update;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.UpdateKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Optimizer steps on the processor: all arrays of a step in one sweep, cut into chunks of one size.
///
/// bfloat16 parameters are widened, stepped and rounded a few thousand elements at a time, in the first-level
/// cache.
public final class CpuUpdates implements UpdateKernels {

    private static final int BLOCK = 1 << 11;

    /// As `CpuBackend` needs it.
    public CpuUpdates() {}

    @Override
    public void adam(List<AdamSlot> slots, Adam form) {
        if (form.step() < 1) {
            throw new IllegalArgumentException("adam: steps count from 1, got step " + form.step());
        }
        List<AdamSlot> given = List.copyOf(slots);
        chunks(given.stream().map(AdamSlot::parameter).toList()).forEach((array, from, to) -> {
            AdamSlot slot = given.get(array);
            long n = to - from;
            MemorySegment mean = part(slot.mean(), from, n);
            MemorySegment variance = part(slot.variance(), from, n);
            MemorySegment maximum = part(slot.maximum(), from, n);
            step(
                    slot.parameter(),
                    slot.gradient(),
                    from,
                    n,
                    (p, g, at, count) -> AdamKernel.forward(
                            p,
                            g,
                            part(mean, at, count),
                            part(variance, at, count),
                            part(maximum, at, count),
                            count,
                            form),
                    (p, g) -> AdamKernel.reference(p, g, wide(mean), wide(variance), wide(maximum), n, form));
        });
    }

    @Override
    public void sgd(List<SgdSlot> slots, Sgd form) {
        List<SgdSlot> given = List.copyOf(slots);
        chunks(given.stream().map(SgdSlot::parameter).toList()).forEach((array, from, to) -> {
            SgdSlot slot = given.get(array);
            long n = to - from;
            MemorySegment momentum = part(slot.momentum(), from, n);
            step(
                    slot.parameter(),
                    slot.gradient(),
                    from,
                    n,
                    (p, g, at, count) -> SgdKernel.forward(p, g, part(momentum, at, count), count, form),
                    (p, g) -> SgdKernel.reference(p, g, wide(momentum), n, form));
        });
    }

    @Override
    public void encode(View codes, View scales, View values, boolean signed) {
        blocks(
                codes,
                scales,
                values,
                (block, from, n) -> BlockCodeKernel.encode(
                        part(codes, from, n),
                        part(scales, 0, scales.size()),
                        block,
                        part(values, from, n),
                        (int) n,
                        signed));
    }

    @Override
    public void decode(View values, View codes, View scales, boolean signed) {
        MemorySegment scale = part(scales, 0, scales.size());
        blocks(
                codes,
                scales,
                values,
                (block, from, n) -> BlockCodeKernel.decode(
                        part(values, from, n),
                        part(codes, from, n),
                        scale.getAtIndex(ValueLayout.JAVA_FLOAT, block),
                        (int) n,
                        signed));
    }

    /// Work on the `n` elements of a block from element `from` on.
    @FunctionalInterface
    private interface BlockTask {
        void run(long block, long from, long n);
    }

    private static void blocks(View codes, View scales, View values, BlockTask task) {
        long blocks = Math.ceilDiv(values.size(), BlockCodeKernel.BLOCK);
        if (codes.size() != values.size() || scales.size() != blocks) {
            throw new IllegalArgumentException("block codes: expected " + values.size() + " codes and " + blocks
                    + " scales for " + values.size() + " numbers, got " + codes.size() + " and " + scales.size());
        }
        Workers.current().forRange(blocks, 16, (first, last) -> {
            for (long block = first; block < last; block++) {
                long from = block * BlockCodeKernel.BLOCK;
                task.run(block, from, Math.min(BlockCodeKernel.BLOCK, values.size() - from));
            }
        });
    }

    /// A float32 step on `count` elements of a chunk, of which `parameter` and `gradient` are those and the
    /// state begins at element `at` of the chunk.
    @FunctionalInterface
    private interface FloatStep {
        void run(MemorySegment parameter, MemorySegment gradient, long at, int count);
    }

    /// A float64 step on a whole chunk.
    @FunctionalInterface
    private interface DoubleStep {
        void run(Reals parameter, Reals gradient);
    }

    private static void step(View parameter, View gradient, long from, long n, FloatStep narrow, DoubleStep wide) {
        MemorySegment p = part(parameter, from, n);
        MemorySegment g = part(gradient, from, n);
        switch (parameter.dtype()) {
            case FLOAT32 -> narrow.run(p, g, 0, (int) n);
            case FLOAT64 -> wide.run(wide(p), wide(g));
            case BFLOAT16 -> stepRounded(p, g, gradient.dtype() == DType.BFLOAT16, n, narrow);
            case INT64, INT32, UINT8, BOOL ->
                throw new IllegalArgumentException("update: parameters must be floating, got " + parameter);
        }
    }

    private static void stepRounded(MemorySegment p, MemorySegment g, boolean both, long n, FloatStep step) {
        Storage scratch = Pool.host().allocate(8L * BLOCK, "optimizer step, bfloat16 widened");
        try {
            for (long at = 0; at < n; at += BLOCK) {
                int count = (int) Math.min(BLOCK, n - at);
                MemorySegment parameter = scratch.segment().asSlice(0, 4L * count);
                MemorySegment gradient = scratch.segment().asSlice(4L * BLOCK, 4L * count);
                Bfloat16Kernel.widen(p, 2 * at, parameter, 0, count);
                if (both) {
                    Bfloat16Kernel.widen(g, 2 * at, gradient, 0, count);
                } else {
                    MemorySegment.copy(g, 4 * at, gradient, 0, 4L * count);
                }
                step.run(parameter, gradient, at, count);
                Bfloat16Kernel.narrow(parameter, 0, p, 2 * at, count);
            }
        } finally {
            scratch.release();
        }
    }

    private static Chunks chunks(List<View> parameters) {
        return new Chunks(parameters.stream().mapToLong(View::size).toArray());
    }

    private static Reals wide(MemorySegment segment) {
        return segment == null ? null : new Reals(segment, true);
    }

    /// Elements `[from, from + n)` of a dense view, or null for null.
    private static MemorySegment part(View view, long from, long n) {
        if (view == null) {
            return null;
        }
        if (!view.isContiguous()) {
            throw new IllegalArgumentException("update: expected dense arrays, got strides of " + view);
        }
        int bytes = view.dtype().bytes();
        return view.storage().segment().asSlice(view.byteOffset() + from * bytes, n * bytes);
    }

    /// float32 elements `[from, from + n)` of a segment, or null for null.
    private static MemorySegment part(MemorySegment segment, long from, long n) {
        return segment == null ? null : segment.asSlice(4 * from, 4 * n);
    }
}
