package org.lehr.cuda;

import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Which products of matrices run on tensor cores, and by which kernel: those of bfloat16 whose factors are contiguous
/// along one of their last two dimensions, with all rows at 16 bytes, and large enough to fill some of a tile. Sums are
/// float32, products exact. float32 and float64 never take this way, as tensor cores would round their factors.
final class TensorTiles {

    private static final int SIDE = 128;

    /// Below it, in any extent, a tile would be mostly empty.
    private static final int SMALLEST = 32;

    private static final int BYTES = 16;

    private TensorTiles() {}

    static boolean take(View c, View a, View b) {
        return c.dtype() == DType.BFLOAT16
                && last(c.shape()) >= SMALLEST
                && lastButOne(c.shape()) >= SMALLEST
                && last(a.shape()) >= SMALLEST
                && aligned(a)
                && aligned(b);
    }

    /// The kernel for the layouts of two factors: `deep` is contiguous along the inner dimension, `wide` across it.
    static String kernel(View a, View b) {
        return "matmul_tensor_" + (last(a.strides()) == 1 ? "deep" : "wide") + '_'
                + (lastButOne(b.strides()) == 1 ? "deep" : "wide");
    }

    /// Blocks for a product `[m, n]`.
    static long blocks(long m, long n) {
        return Math.ceilDiv(m, SIDE) * Math.ceilDiv(n, SIDE);
    }

    private static boolean aligned(View factor) {
        int contiguous = 0;
        int rank = factor.rank();
        for (int d = 0; d < rank; d++) {
            long stride = factor.strides()[d];
            if (d >= rank - 2 && stride == 1) {
                contiguous++;
            } else if (stride * factor.dtype().bytes() % BYTES != 0) {
                return false;
            }
        }
        return contiguous == 1 && (factor.storage().address() + factor.byteOffset()) % BYTES == 0;
    }

    private static long last(long[] of) {
        return of[of.length - 1];
    }

    private static long lastButOne(long[] of) {
        return of[of.length - 2];
    }
}
