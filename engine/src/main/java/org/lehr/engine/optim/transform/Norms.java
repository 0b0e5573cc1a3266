package org.lehr.engine.optim.transform;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Norm;

/// Lengths of tensors as numbers.
public final class Norms {

    private Norms() {}

    /// `√Σx²`.
    public static double two(Tensor x) {
        return x.size() == 0 ? 0 : Norm.norm(x, 2, false).item();
    }

    /// `Σ|x|`.
    public static double one(Tensor x) {
        return x.size() == 0 ? 0 : Norm.norm(x, 1, false).item();
    }

    /// `√(Σx²/n)`, 0 for no elements.
    public static double meanSquare(Tensor x) {
        return x.size() == 0 ? 0 : two(x) / Math.sqrt(x.size());
    }

    /// `Σ x·y`.
    public static double dot(Tensor x, Tensor y) {
        return x.size() == 0 ? 0 : x.mul(y).sum().item();
    }
}
