package org.lehr.kernels;

/// Learned rational functions, one for each group of neighbouring features (Yang, Wang 2024).
///
/// `y = P(x)/Q(x)` with `P(x) = Σ_{i≥0} a[i]·xⁱ` and `Q(x) = 1 + |Σ_{j≥1} b[j − 1]·xʲ|`, which has no zeros.
public interface RationalKernels {

    /// `x, y [m, g·w], a [g, p + 1], b [g, q]`, all dense; features `[i·w, (i + 1)·w)` are of group `i`.
    void rational(View y, View x, View a, View b);

    /// Gradient of [#rational]: `dx [m, g·w], da [g, p + 1], db [g, q]`.
    ///
    /// Where the polynomial inside `|·|` is zero, its sign counts as zero.
    void rationalBackward(View dx, View da, View db, View dy, View x, View a, View b);
}
