package org.lehr.kernels;

/// Linear recurrences along time whose factors are diagonal matrices.
///
/// A complex number is a pair `[..., 2]` of its real and imaginary part, and the gradient of a pair is the pair
/// of the gradients.
public interface ScanKernels {

    /// The selective scan (Gu, Dao 2023): a state of `n` numbers for each of `c` channels.
    ///
    /// ```
    /// Δ = f(delta + deltaBias)              f softplus, or nothing
    /// h[t] = exp(Δ·a)∘h[t − 1] + Δ·u·b      h[−1] = start
    /// y[t] = (Σ_n c·h + d·u)·z·σ(z)         for a complex a: (2·Re Σ_n c·h + d·u)·z·σ(z)
    /// ```
    ///
    /// @param u `[b, t, c]`, any strides but a last one of 1, as `delta` and `z`
    /// @param delta `[b, t, c]`
    /// @param a `[c, n]` dense, or complex `[c, n, 2]`; then `b`, `c` and `start` are complex too
    /// @param b `[b, t, g, n]`, or `[b, t, g, n, 2]`, each group for `c/g` channels; any strides but dense from the
    ///     fourth dimension on
    /// @param c as `b`
    /// @param d `[c]` or null
    /// @param z `[b, t, c]` or null
    /// @param deltaBias `[c]` or null
    /// @param start `[b, c, n]` or `[b, c, n, 2]`, dense; null for zeros
    /// @param sequence int32 `[b, t]`, dense, or null: where it changes from one time to the next, the state starts
    ///     again from zeros
    /// @param softplus whether `f` is `ln(1 + eˣ)`
    record Selective(
            View u,
            View delta,
            View a,
            View b,
            View c,
            View d,
            View z,
            View deltaBias,
            View start,
            View sequence,
            boolean softplus) {

        /// Whether `a` is complex.
        public boolean complex() {
            return a.rank() == 3;
        }

        /// Numbers of a channel's state.
        public long states() {
            return a.shape()[1];
        }

        /// Parts that share `b` and `c`.
        public long groups() {
            return b.shape()[2];
        }
    }

    /// How many numbers [#selective] leaves for [#selectiveBackward]: states at some times, a small share of `u`'s
    /// size for usual `n`. The state is never in memory for all times.
    long kept(Selective form);

    /// The selective scan.
    ///
    /// @param y `[b, t, c]`, dense
    /// @param last the state after the last time, as `start`; null when nobody asks
    /// @param kept `[kept]` float32 (float64 where `u` is), null when no gradient will be asked for
    void selective(View y, View last, View kept, Selective form);

    /// Where the gradients of [#selective] go, all dense; those of inputs that are null are null. Those of `b` and
    /// `c` are `[b, t, g, n]` (or with pairs) also where strides of 0 repeat them.
    record SelectiveGradients(View u, View delta, View a, View b, View c, View d, View z, View deltaBias, View start) {}

    /// Gradient of [#selective].
    ///
    /// @param dy gradient of the result, any strides but a last one of 1
    /// @param dLast gradient of the last state, null for zeros
    void selectiveBackward(SelectiveGradients out, View dy, View dLast, View kept, Selective form);

    /// The linear scan `h[t] = a[t]∘h[t − 1] + x[t]` with `h[−1] = start`.
    ///
    /// @param x `[b, t, c]` dense, or complex `[b, t, c, 2]`; then `a` and `start` are complex too
    /// @param a as `x`; its first two strides may be anything, so that it may be constant
    /// @param start `[b, c]` or `[b, c, 2]`, dense; null for zeros
    /// @param sequence int32 `[b, t]`, dense, or null: where it changes, `h[t] = x[t]`
    record Linear(View x, View a, View start, View sequence) {

        /// Whether the numbers are complex.
        public boolean complex() {
            return x.rank() == 4;
        }
    }

    /// The linear scan.
    ///
    /// @param h as `x`
    void linear(View h, Linear form);

    /// Where the gradients of [#linear] go, all dense; that of `a` is of the shape of `x` also where strides of 0
    /// repeat it, that of `start` null where there is none.
    record LinearGradients(View x, View a, View start) {}

    /// Gradient of [#linear].
    ///
    /// @param dh gradient of the result, dense
    /// @param h the result
    void linearBackward(LinearGradients out, View dh, View h, Linear form);

    /// The state-space dual (Dao, Gu 2024): a state of `p·n` numbers for each of `h` heads, which decays as a
    /// whole.
    ///
    /// ```
    /// s[t] = exp(a[t])·s[t − 1] + x[t]⊗b[t]      s[−1] = start
    /// y[t] = s[t]·c[t]
    /// ```
    ///
    /// @param x `[b, t, h, p]`, any strides but a last one of 1, as `a`, `b` and `c`
    /// @param a `[b, t, h]`, logarithms of decays, at most 0 as a rule
    /// @param b `[b, t, g, n]`, each group for `h/g` heads
    /// @param c as `b`
    /// @param start `[b, h, p, n]`, dense; null for zeros
    /// @param sequence int32 `[b, t]`, dense, or null: where it changes from one time to the next, the state starts
    ///     again from zeros
    /// @param chunk times that are worked on together, at least 1; results differ by rounding only
    record Dual(View x, View a, View b, View c, View start, View sequence, int chunk) {}

    /// How many numbers [#dual] leaves for [#dualBackward]: the states before each chunk.
    long kept(Dual form);

    /// The state-space dual.
    ///
    /// @param y `[b, t, h, p]`, any strides but a last one of 1
    /// @param last the state after the last time, as `start`; null when nobody asks
    /// @param kept `[kept]` float32 (float64 where `x` is), null when no gradient will be asked for
    void dual(View y, View last, View kept, Dual form);

    /// Where the gradients of [#dual] go, all dense; that of `start` is null where there is none.
    record DualGradients(View x, View a, View b, View c, View start) {}

    /// Gradient of [#dual].
    ///
    /// @param dy gradient of the result, any strides but a last one of 1
    /// @param dLast gradient of the last state, null for zeros
    void dualBackward(DualGradients out, View dy, View dLast, View kept, Dual form);
}
