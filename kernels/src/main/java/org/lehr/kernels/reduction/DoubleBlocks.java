package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Blocks of any floating dtype widened to float64: plain loops.
final class DoubleBlocks implements Blocks {

    private final MemorySegment segment;
    private final DType dtype;
    private final long offset;
    private final Walk walk;
    private final double[] block = new double[LENGTH];
    private final double[] terms = new double[LENGTH];
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
        return switch (pass) {
            case SUM -> sum(block);
            case ABSOLUTE, SQUARES, EXPONENTIALS -> {
                fillTerms(pass, shift);
                yield sum(terms);
            }
            case PRODUCT -> {
                double product = 1;
                for (int i = 0; i < count; i++) {
                    product *= block[i];
                }
                yield product;
            }
            case MAX -> {
                double best = Double.NEGATIVE_INFINITY;
                for (int i = 0; i < count; i++) {
                    best = Math.max(best, block[i]);
                }
                yield best;
            }
            case MIN -> {
                double best = Double.POSITIVE_INFINITY;
                for (int i = 0; i < count; i++) {
                    best = Math.min(best, block[i]);
                }
                yield best;
            }
        };
    }

    private void fillTerms(Pass pass, double shift) {
        if (pass == Pass.ABSOLUTE) {
            for (int i = 0; i < count; i++) {
                terms[i] = Math.abs(block[i]);
            }
        } else if (pass == Pass.SQUARES) {
            for (int i = 0; i < count; i++) {
                terms[i] = (block[i] - shift) * (block[i] - shift);
            }
        } else {
            for (int i = 0; i < count; i++) {
                terms[i] = Math.exp(block[i] - shift);
            }
        }
    }

    private double sum(double[] x) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = 0;
        for (; i <= count - 4; i += 4) {
            sum0 += x[i];
            sum1 += x[i + 1];
            sum2 += x[i + 2];
            sum3 += x[i + 3];
        }
        for (; i < count; i++) {
            sum0 += x[i];
        }
        return sum0 + sum1 + (sum2 + sum3);
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
