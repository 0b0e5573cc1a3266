package org.lehr.kernels.matmul;

import org.lehr.kernels.DType;

/// The float32 matrix product as a building block for other kernels: one thread, no epilogue.
public final class Gemm {

    private Gemm() {}

    /// `c = alpha·a·b`, or `c += alpha·a·b` with `accumulate`. `a [m, k], b [k, n] → c [m, n]`
    ///
    /// `a` and `b` may have any strides, so transposes are [Matrix#transposed]; `c` has unit stride along its rows
    /// and overlaps neither. The order of the additions depends on the sizes alone. With `k = 0` the product is
    /// zero.
    public static void serial(int m, int n, int k, float alpha, Matrix a, Matrix b, Matrix c, boolean accumulate) {
        Tiles tiles = Tiles.of(DType.FLOAT32);
        int most = LeftRows.isReadInPlace(a) ? Math.max(m, 1) : Scratch.ROWS;
        for (int i = 0; i < m; i += most) {
            int rows = Math.min(most, m - i);
            Output out = Output.of(c.from(i, 0), alpha, accumulate);
            new BlockProduct(tiles, rows, n, a.from(i, 0), b, null, out).run(k);
        }
    }
}
