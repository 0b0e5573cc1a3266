package org.lehr.engine.optim.transform;

import org.lehr.engine.tensor.Tensor;

/// The orthogonal factor of a matrix by Newton and Schulz's iteration of fifth order (Jordan et al. 2024), which
/// drives all singular values near 1 by products alone.
public final class NewtonSchulz {

    private static final double A = 3.4445;
    private static final double B = -4.7750;
    private static final double C = 2.0315;

    private NewtonSchulz() {}

    /// `U·Vᵀ` of `x = U·S·Vᵀ`, its singular values between about 0.7 and 1.2 after five steps; zeros for
    /// zeros. `x [m, n] → [m, n]`
    public static Tensor orthogonal(Tensor x, long steps) {
        boolean tall = x.extent(0) > x.extent(1);
        Tensor y = tall ? x.transpose(0, 1) : x;
        y = y.div(Norms.two(x) + 1e-7);
        for (long step = 0; step < steps; step++) {
            Tensor square = y.matmul(y.transpose(0, 1));
            Tensor polynomial = square.mul(B).add(square.matmul(square).mul(C));
            y = y.mul(A).add(polynomial.matmul(y));
        }
        return tall ? y.transpose(0, 1) : y;
    }
}
