package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Blocks of any floating dtype widened to float64: plain loops with eight partial results.
final class DoubleBlocks implements Blocks {

    private final MemorySegment segment;
    private final DType dtype;
    private final long offset;
    private final Walk walk;
    private final double[] block = new double[LENGTH];
    private int count;

    DoubleBlocks(View in, ReductionLayout layout) {
        segment = in.storage().segment();
        dtype = in.dtype();
        offset = in.offset();
        walk = layout.walk();
    }

    @Override
    public void read(long base, long start, int count) {
        this.count = count;
        walk.seek(start);
        int filled = 0;
        while (filled < count) {
            int run = (int) Math.min(count - filled, walk.run());
            Elements.widen(segment, dtype, offset + base + walk.offset(), walk.step(), block, filled, run);
            walk.advance(run);
            filled += run;
        }
    }

    @Override
    public double sweep(Pass pass, double shift) {
        double[] x = block;
        double[] r = new double[8];
        Arrays.fill(r, pass.identity());
        switch (pass) {
            case SUM -> {
                for (int i = 0; i < count; i++) {
                    r[i & 7] += x[i];
                }
            }
            case ABSOLUTE -> {
                for (int i = 0; i < count; i++) {
                    r[i & 7] += Math.abs(x[i]);
                }
            }
            case SQUARES -> {
                for (int i = 0; i < count; i++) {
                    r[i & 7] += (x[i] - shift) * (x[i] - shift);
                }
            }
            case EXPONENTIALS -> {
                for (int i = 0; i < count; i++) {
                    r[i & 7] += Math.exp(x[i] - shift);
                }
            }
            case PRODUCT -> {
                for (int i = 0; i < count; i++) {
                    r[i & 7] *= x[i];
                }
            }
            case MAX -> {
                for (int i = 0; i < count; i++) {
                    r[i & 7] = Math.max(r[i & 7], x[i]);
                }
            }
            case MIN -> {
                for (int i = 0; i < count; i++) {
                    r[i & 7] = Math.min(r[i & 7], x[i]);
                }
            }
        }
        return pass.combine(r, 0, 8, 1);
    }

    @Override
    public int find(double value) {
        for (int i = 0; i < count; i++) {
            if (block[i] == value || block[i] != block[i]) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void close() {}
}
