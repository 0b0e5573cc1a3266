package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The float32 matrix product as a building block for other kernels: one thread, no epilogue.
public final class Gemm {

    private Gemm() {}

    /// `c = alpha·a·b`, or `c += alpha·a·b` with `accumulate`. `a [m, k], b [k, n] → c [m, n]`
    ///
    /// `a` and `b` may have any strides, so transposes are [Matrix#transposed]; `c` has unit stride along its rows
    /// and overlaps neither. The order of the additions depends on the sizes alone. With `k = 0` the product is zero.
    public static void serial(int m, int n, int k, float alpha, Matrix a, Matrix b, Matrix c, boolean accumulate) {
        MemorySegment from = a.segment();
        MemorySegment by = b.segment();
        MemorySegment into = c.segment();
        for (int i = 0; i < m; i++) {
            long row = c.offset() + i * c.rowStride();
            if (!accumulate) {
                into.asSlice(row * Float.BYTES, (long) n * Float.BYTES).fill((byte) 0);
            }
            for (int p = 0; p < k; p++) {
                float factor = alpha
                        * from.getAtIndex(ValueLayout.JAVA_FLOAT, a.offset() + i * a.rowStride() + p * a.columnStride());
                long other = b.offset() + p * b.rowStride();
                long step = b.columnStride();
                for (int j = 0; j < n; j++) {
                    float sum = into.getAtIndex(ValueLayout.JAVA_FLOAT, row + j)
                            + factor * by.getAtIndex(ValueLayout.JAVA_FLOAT, other + j * step);
                    into.setAtIndex(ValueLayout.JAVA_FLOAT, row + j, sum);
                }
            }
        }
    }
}
