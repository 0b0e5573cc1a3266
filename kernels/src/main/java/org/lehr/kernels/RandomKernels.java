package org.lehr.kernels;

/// Numbers from Philox 4x32-10 (Salmon et al. 2011): a stream is a key, a place in it is a counter, and the same
/// pair gives the same bits on every device and with any number of threads.
///
/// Element `i` of a fill takes word `i mod 4` of the block with counter `counter + i div 4` (for 64-bit results: words
/// `2·(i mod 2)` and the next of block `counter + i div 2`). Outputs are dense.
public interface RandomKernels {

    /// Uniform in `[0, 1)`: the top 24 bits of a word for float32, 53 bits of two for float64 (the first of them
    /// holding
    /// the upper 32), the top 8 bits of a word for bfloat16, so that nothing rounds up to 1.
    void uniform(View out, long key, long counter);

    /// Standard normal by Box-Muller, two words (float64: four) for two numbers.
    void normal(View out, long key, long counter);

    /// Uniform integers in `[0, bound)`, `bound ≤ 2³¹`, by multiply-shift of a word; `out` int64 or int32, of one
    /// word
    /// to an element in either.
    void integers(View out, long bound, long key, long counter);

    /// Dropout (Srivastava et al. 2014): `out = keep ? x / (1 − p) : 0` where element `i` is kept when its uniform
    /// float32 number is at least `p` (one word to an element in every dtype); the factor `1/(1 − p)` is rounded to
    /// float32, for float64 to float64. The same key and counter repeat the same mask, so nothing is stored: the
    /// backward pass is the same call on the gradient.
    void dropout(View out, View x, double p, long key, long counter);
}
