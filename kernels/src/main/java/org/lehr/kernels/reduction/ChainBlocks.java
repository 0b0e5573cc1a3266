package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.fusion.ChainSource;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Blocks of a chain of pointwise operations, computed when they are read and never written to memory as a whole.
final class ChainBlocks implements Blocks {

    private final Storage scratch = Pool.host().allocate((long) LENGTH * Float.BYTES, "reduction block");
    private final ChainSource.Reader reader;
    private final FloatBlocks block;

    ChainBlocks(ChainSource source) {
        reader = source.reader();
        block = new FloatBlocks(scratch.segment());
    }

    @Override
    public void read(long base, long start, int count) {
        MemorySegment memory = scratch.segment();
        reader.read(base + start, count, memory);
        block.take(count);
    }

    @Override
    public double sweep(Pass pass, double shift) {
        return block.sweep(pass, shift);
    }

    @Override
    public int find(double value) {
        return block.find(value);
    }

    @Override
    public void close() {
        reader.close();
        block.close();
        scratch.release();
    }
}
