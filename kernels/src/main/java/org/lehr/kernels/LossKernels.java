package org.lehr.kernels;

/// Losses fused with what stands before them.
public interface LossKernels {

    /// How a row of the cross-entropy is formed.
    ///
    /// @param labelSmoothing ε in `[0, 1)`: the target is `(1 − ε)·onehot + ε/n` (Szegedy et al. 2016)
    /// @param ignoreIndex rows with this class count nothing: loss, log-sum-exp and gradient are 0
    /// @param zLoss factor of `logsumexp²`, added to each counted row (Chowdhery et al. 2022)
    record CrossEntropy(double labelSmoothing, long ignoreIndex, double zLoss) {}

    /// `loss[i] = Σ_j t[j]·(logsumexp(x[i]) − x[i, j]) + zLoss·logsumexp²`, `t = (1 − ε)·target + ε/n`, where
    /// a `t` of 0 counts nothing even if `x` is −∞ there.
    ///
    /// `x [rows, n]` dense; `targets` classes, int64 or int32 `[rows]`, or probabilities `[rows, n]` of `x`'s
    /// dtype, not necessarily of sum 1 (then `ignoreIndex` plays no part); `loss`, `logSumExp` `[rows]` of
    /// `x`'s dtype, float32 for bfloat16. A class outside `[0, n)` that is not `ignoreIndex` is an
    /// `IndexOutOfBoundsException` naming the row, thrown before anything is written.
    void crossEntropy(View loss, View logSumExp, View x, View targets, CrossEntropy form);

    /// As [#crossEntropy] for classes, and at once the gradient with respect to `x`, `[rows, n]`, if that of each
    /// loss is
    /// `slope`: the exponentials are taken once.
    void crossEntropyWithGradient(
            View loss, View logSumExp, View dx, double slope, View x, View targets, CrossEntropy form);

    /// Gradient of [#crossEntropy] with respect to `x`, given the gradient `dLoss [rows]` (of `loss`'s dtype):
    /// `dx = dLoss·((Σt + 2·zLoss·logsumexp)·softmax(x) − t)`. `dx` may be `x` itself.
    void crossEntropyBackward(View dx, View dLoss, View x, View logSumExp, View targets, CrossEntropy form);
}
