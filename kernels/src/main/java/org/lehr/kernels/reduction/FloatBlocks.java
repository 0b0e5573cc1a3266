package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Blocks of float32 or bfloat16 swept over by [BlockKernel]: in place where they are dense float32, else copied
/// together first.
final class FloatBlocks implements Blocks {

    private final MemorySegment source;
    private final boolean wide;
    private final long offset;
    private final Walk walk;
    private Storage scratch;
    private Storage exponentials;
    private MemorySegment block;
    private long from;
    private int count;

    FloatBlocks(View in, ReductionLayout layout) {
        source = in.storage().segment();
        wide = in.dtype() == DType.FLOAT32;
        offset = in.offset();
        walk = layout.walk();
    }

    /// Blocks that are written to the beginning of `memory` and given by [#take].
    FloatBlocks(MemorySegment memory) {
        source = memory;
        block = memory;
        wide = true;
        offset = 0;
        walk = null;
    }

    /// Takes the first `count` float32.
    void take(int count) {
        this.count = count;
    }

    @Override
    public void read(long base, long start, int count) {
        this.count = count;
        walk.seek(start);
        long first = offset + base + walk.offset();
        if (wide && walk.step() == 1 && walk.run() >= count) {
            block = source;
            from = first;
            return;
        }
        if (scratch == null) {
            scratch = allocate();
        }
        block = scratch.segment();
        from = 0;
        int filled = 0;
        while (filled < count) {
            int run = (int) Math.min(count - filled, walk.run());
            copy(offset + base + walk.offset(), walk.step(), filled, run);
            walk.advance(run);
            filled += run;
        }
    }

    private void copy(long place, long step, int at, int run) {
        if (!wide && step == 1) {
            Bfloat16Kernel.widen(source, place * 2, block, at * 4L, run);
        } else if (!wide) {
            for (int i = 0; i < run; i++) {
                float x = Bfloat16Kernel.toFloat(source.getAtIndex(JAVA_SHORT, place + i * step));
                block.setAtIndex(JAVA_FLOAT, at + i, x);
            }
        } else if (step == 1) {
            MemorySegment.copy(source, JAVA_FLOAT, place * 4, block, JAVA_FLOAT, at * 4L, run);
        } else {
            for (int i = 0; i < run; i++) {
                block.setAtIndex(JAVA_FLOAT, at + i, source.getAtIndex(JAVA_FLOAT, place + i * step));
            }
        }
    }

    @Override
    public double sweep(Pass pass, double shift) {
        return switch (pass) {
            case SUM -> BlockKernel.sum(block, from, count);
            case ABSOLUTE -> BlockKernel.sumAbsolute(block, from, count);
            case SQUARES -> squares(shift);
            case EXPONENTIALS -> exponentials((float) shift);
            case PRODUCT -> throw new IllegalArgumentException("products are taken in float64");
            case MAX -> BlockKernel.max(block, from, count);
            case MIN -> BlockKernel.min(block, from, count);
        };
    }

    private static Storage allocate() {
        return Pool.host().allocate((long) LENGTH * Float.BYTES, "reduction block");
    }

    private double exponentials(float shift) {
        if (exponentials == null) {
            exponentials = allocate();
        }
        MemorySegment results = exponentials.segment();
        ExponentialKernel.forward(results, 0, block, from, count, shift);
        return BlockKernel.sum(results, 0, count);
    }

    /// `Σ (x − s)²` with `s` rounded to `t`, whose excess is `n·(s − t)²` when `s` is the mean of the whole.
    private double squares(double shift) {
        float rounded = (float) shift;
        double sum = BlockKernel.sumSquares(block, from, count, rounded);
        double excess = shift - rounded;
        return sum - count * excess * excess;
    }

    @Override
    public int find(double value) {
        for (int i = 0; i < count; i++) {
            float x = block.getAtIndex(JAVA_FLOAT, from + i);
            if (x == value || Float.isNaN(x)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        if (scratch != null) {
            scratch.release();
        }
        if (exponentials != null) {
            exponentials.release();
        }
    }
}
