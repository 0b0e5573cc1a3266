package org.lehr.kernels;

/// Losses fused with what stands before them.
public interface LossKernels {

    /// How a row of the cross-entropy is formed.
    ///
    /// @param labelSmoothing ε in `[0, 1)`: the target is `(1 − ε)·onehot + ε/n` (Szegedy et al. 2016)
    /// @param ignoreIndex rows with this target count nothing: loss and gradient are 0
    /// @param zLoss factor of `logsumexp²`, added to each counted row (Chowdhery et al. 2022)
    record CrossEntropy(double labelSmoothing, long ignoreIndex, double zLoss) {}

    /// `loss[i] = logsumexp(x[i]) − Σ target·x[i] + zLoss·logsumexp²`. `x [rows, n]` dense; `targets` int64 `[rows]`,
    /// or probabilities `[rows, n]` of `x`'s dtype (then `ignoreIndex` plays no part); `loss`, `logSumExp` `[rows]`.
    /// A target outside `[0, n)` that is not `ignoreIndex` is an `IndexOutOfBoundsException`.
    void crossEntropy(View loss, View logSumExp, View x, View targets, CrossEntropy form);

    /// Gradient of [#crossEntropy] with respect to `x`, given the gradient `dLoss [rows]`. `dx` may be `x` itself.
    void crossEntropyBackward(View dx, View dLoss, View x, View logSumExp, View targets, CrossEntropy form);
}
