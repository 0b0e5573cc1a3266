package org.lehr.kernels.matmul;

import org.lehr.kernels.DType;

/// The matrix product as a building block for other kernels: one thread, no epilogue.
public final class Gemm {

    private Gemm() {}

    /// Columns of the right matrix that are worked on together. A right matrix of as many, dense, and of at most
    /// [#depth] rows is read where it stands.
    public static int columns(DType dtype) {
        return Tiles.of(dtype).columns();
    }

    /// Rows of the right matrix that are worked on together.
    public static int depth() {
        return Scratch.DEPTH;
    }

    /// `c = alpha·a·b`, or `c += alpha·a·b` with `accumulate`. `a [m, k], b [k, n] → c [m, n]`
    ///
    /// `a` and `b` may have any strides, so transposes are [Matrix#transposed]; `c` has unit stride along its rows
    /// and overlaps neither. The order of the additions depends on the sizes alone. With `k = 0` the product is
    /// zero.
    public static void serial(int m, int n, int k, float alpha, Matrix a, Matrix b, Matrix c, boolean accumulate) {
        serial(DType.FLOAT32, m, n, k, alpha, a, b, c, accumulate);
    }

    /// As [#serial(int, int, int, float, Matrix, Matrix, Matrix, boolean)], in float32 or float64.
    public static void serial(
            DType dtype, int m, int n, int k, double alpha, Matrix a, Matrix b, Matrix c, boolean accumulate) {
        Tiles tiles = Tiles.of(dtype);
        int most = LeftRows.isReadInPlace(a) ? mostRows(m, a) : Scratch.ROWS;
        for (int i = 0; i < m; i += most) {
            int rows = Math.min(most, m - i);
            Output out = Output.of(c.from(i, 0), alpha, accumulate);
            new BlockProduct(tiles, rows, n, a.from(i, 0), b, null, out).run(k);
        }
    }

    /// All rows; of bfloat16, equal parts that fit into scratch memory, of as many rows as all tiles divide.
    private static int mostRows(int m, Matrix a) {
        int parts = a.halves() ? Math.ceilDiv(m, Scratch.MOST_ROWS - Tiles.TALL_ROWS) : 1;
        return parts <= 1 ? Math.max(m, 1) : Math.ceilDiv(Math.ceilDiv(m, parts), Tiles.TALL_ROWS) * Tiles.TALL_ROWS;
    }
}
