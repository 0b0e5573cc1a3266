package org.lehr.engine.optim.recipe;

import org.lehr.engine.tensor.Tensor;

/// The two sides of a parameter that counts as a matrix `[d₀, rest]`.
final class Sides {

    private Sides() {}

    /// Zeros for what is kept of side 0 or 1, square, without elements where there is no side, or one that is
    /// longer than
    /// `largest`.
    static Tensor square(Tensor p, int side, long largest) {
        long rows = p.rank() == 0 ? 1 : p.extent(0);
        long n = p.rank() < 2 ? 0 : side == 0 ? rows : rows == 0 ? 0 : p.size() / rows;
        long kept = n > largest ? 0 : n;
        return Tensor.full(0, p.device(), p.dtype(), kept, kept);
    }
}
