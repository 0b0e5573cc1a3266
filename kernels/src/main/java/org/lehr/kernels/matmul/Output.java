package org.lehr.kernels.matmul;

import org.lehr.kernels.pointwise.DenseLoop;

/// What becomes of a product of matrices. Rows of `c`, `residual`, `preActivation` and the one row of `bias` have unit
/// stride; all but `c` may be null.
record Output(
        Matrix c,
        double scale,
        boolean accumulate,
        Matrix bias,
        DenseLoop activation,
        Matrix residual,
        Matrix preActivation) {

    static Output of(Matrix c, double scale, boolean accumulate) {
        return new Output(c, scale, accumulate, null, null, null, null);
    }

    /// Whether the product is stored as it is.
    boolean isPlain() {
        return !accumulate && isSum(true);
    }

    /// Whether a tile is added to what the result holds as it is; `last` where it is the end of the depth.
    boolean isSum(boolean last) {
        if (!last && !accumulate) {
            return true;
        }
        return scale == 1 && bias == null && activation == null && residual == null && preActivation == null;
    }
}
