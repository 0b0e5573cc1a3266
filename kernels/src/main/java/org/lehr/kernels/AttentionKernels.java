package org.lehr.kernels;

import java.util.List;

/// Softmax attention without the score matrix in memory (Dao et al. 2022; Milakov, Gimelshein 2018).
///
/// `q [b, h, t, d]`, `k [b, g, s, d]`, `v [b, g, s, e]` → `out [b, h, t, e]`, where each of the `g` key heads serves
/// `h/g` neighbouring query heads: query head `n` reads key head `n / (h/g)`. Views may have any strides with a unit
/// stride in the last dimension, so that `[b, t, h, d]` seen transposed costs nothing.
public interface AttentionKernels {

    /// What a query may see, and how scores are formed: `S = scale·q·k`, with a soft cap `c·tanh(S/c)` in its place
    /// (Gemma Team 2024, "Gemma 2"), and then `+ bias`.
    ///
    /// A bias of −∞ hides a key: a query whose keys are all hidden gives zeros and takes no part in any gradient. A
    /// key that `causal`, `window` or `keyPadding` hides has no weight whatever its
    /// score;
    /// values must be finite there unless `keyPadding` hides them, because a weight of 0 is multiplied with them.
    ///
    /// @param scale factor of the dot products; the usual is `1/√d`
    /// @param softCap the `c` that no score exceeds in size before the bias, 0 for none
    /// @param causal whether query `i` sees only keys `j ≤ i + (s − t)`
    /// @param window with `window > 0`, only keys `j > i + (s − t) − window`; 0 for all
    /// @param bias added to the scores, `[b, h, t, s]` of the inputs' dtype, with strides of 0 where it repeats and
    ///     any others, or null
    /// @param keyPadding bool `[b, s]` with any strides, true where a key must not be seen, or null
    record Mask(double scale, double softCap, boolean causal, long window, View bias, View keyPadding) {

        public Mask {
            if (window < 0) {
                throw new IllegalArgumentException("attention: window is " + window + ", expected 0 or more");
            }
            if (!(softCap >= 0) || Double.isInfinite(softCap)) {
                throw new IllegalArgumentException(
                        "attention: soft cap is " + softCap + ", expected a finite number of 0 or more");
            }
        }

        /// Every query sees every key.
        public static Mask none(double scale) {
            return new Mask(scale, 0, false, 0, null, null);
        }

        /// Every query sees the keys up to its own place.
        public static Mask causal(double scale) {
            return new Mask(scale, 0, true, 0, null, null);
        }
    }

    /// `out = softmax(capped scale·q·kᵀ + bias, masked)·v`, and `logSumExp [b, h, t]` (dense, of `q`'s dtype,
    /// float32 for
    /// bfloat16) for the backward pass. A query that sees no key gives zeros and a log-sum-exp of −∞.
    void forward(View out, View logSumExp, View q, View k, View v, Mask mask);

    /// Gradient of [#forward], with `out` and `logSumExp` as it left them. `dBias` (dense `[b, h, t, s]`) may be
    /// null;
    /// the gradients are written, not accumulated; each is dense or has the strides of what it belongs to.
    void backward(
            View dq,
            View dk,
            View dv,
            View dBias,
            View dOut,
            View out,
            View logSumExp,
            View q,
            View k,
            View v,
            Mask mask);

    /// [#forward] for one query at the last position, `q [b, h, 1, d]`, whose keys and values stand in pages, one
    /// after
    /// the other: `keys [b, g, sᵢ, d]`, `values [b, g, sᵢ, e]` with a unit stride in the last dimension, and in the
    /// mask
    /// a bias of `[b, h, 1, Σsᵢ]` and no key padding. `→ out [b, h, 1, e]`
    void forwardPages(View out, View q, List<View> keys, List<View> values, Mask mask);

    /// Rotary position embedding (Su et al. 2021): turns element `i` of a head's first half with element `i` of its
    /// second half by the angles whose cosines and sines are `cos, sin [t, d/2]` (dense); backwards when `inverse`.
    /// `x [a, h, t, d] → out [a, h, t, d]`, any strides with a unit stride in the last dimension.
    void rotate(View out, View x, View cos, View sin, boolean inverse);
}
