package org.lehr.kernels;

/// Softmax attention without the score matrix in memory (Dao et al. 2022; Milakov, Gimelshein 2018).
///
/// `q [b, h, t, d]`, `k [b, g, s, d]`, `v [b, g, s, e]` → `out [b, h, t, e]`, where each of the `g` key heads serves
/// `h/g` query heads. Views may have any strides with a unit stride in the last dimension.
public interface AttentionKernels {

    /// What a query may see, and how scores are formed: `scale·q·k + bias`.
    ///
    /// @param scale factor of the dot products; the usual is `1/√d`
    /// @param causal whether query `i` sees only keys `j ≤ i + (s − t)`
    /// @param window with `window > 0`, only keys `j > i + (s − t) − window`; 0 for all
    /// @param bias added to the scores, `[b, h, t, s]` with strides of 0 where it repeats, or null
    /// @param keyPadding bool `[b, s]`, true where a key must not be seen, or null
    record Mask(double scale, boolean causal, long window, View bias, View keyPadding) {}

    /// `out = softmax(scale·q·kᵀ + bias, masked)·v`, and `logSumExp [b, h, t]` (dense, of `q`'s dtype, float32 for
    /// bfloat16) for the backward pass. A query that sees no key gives zeros and a log-sum-exp of −∞.
    void forward(View out, View logSumExp, View q, View k, View v, Mask mask);

    /// Gradient of [#forward], with `out` and `logSumExp` as it left them. `dBias` (dense `[b, h, t, s]`) may be null;
    /// the gradients are written, not accumulated; each is dense or has the strides of what it belongs to.
    void backward(
            View dq, View dk, View dv, View dBias, View dOut, View out, View logSumExp, View q, View k, View v, Mask mask);
}
