package org.lehr.kernels;

/// Normalisation of the rows of dense `[rows, n]` arrays. Row statistics are float32 (float64 for float64
/// input). A row of length 0 has mean and variance 0. Gradients are written, not accumulated.
public interface NormalizationKernels {

    /// `y = (x − mean)·rstd·weight + bias` with `rstd = 1/√(variance + epsilon)`, the variance divided by `n`
    /// (Ba, Kiros, Hinton 2016). `weight`, `bias` `[n]` or null; `mean`, `rstd` `[rows]` are written for
    /// the backward pass.
    void layerNorm(View y, View mean, View rstd, View x, View weight, View bias, double epsilon);

    /// Gradient of [#layerNorm]. `dWeight`, `dBias` `[n]` may be null; the row sums are combined in a fixed
    /// order.
    void layerNormBackward(View dx, View dWeight, View dBias, View dy, View x, View mean, View rstd, View weight);

    /// `y = x·rstd·weight` with `rstd = 1/√(mean(x²) + epsilon)` (Zhang, Sennrich 2019). `rstd` `[rows]` is
    /// written.
    void rmsNorm(View y, View rstd, View x, View weight, double epsilon);

    /// Gradient of [#rmsNorm]; `dWeight` may be null.
    void rmsNormBackward(View dx, View dWeight, View dy, View x, View rstd, View weight);
}
