package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;

/// Sums over dense rows of any length, in float64 over blocks summed by [BlockKernel]. Offsets count elements.
final class Rows {

    private Rows() {}

    static double sum(MemorySegment a, long from, int n) {
        double sum = 0;
        for (int i = 0; i < n; i += Blocks.LENGTH) {
            sum += BlockKernel.sum(a, from + i, Math.min(Blocks.LENGTH, n - i));
        }
        return sum;
    }

    static double dot(MemorySegment a, long aFrom, MemorySegment b, long bFrom, int n) {
        double sum = 0;
        for (int i = 0; i < n; i += Blocks.LENGTH) {
            sum += BlockKernel.dot(a, aFrom + i, b, bFrom + i, Math.min(Blocks.LENGTH, n - i));
        }
        return sum;
    }
}
