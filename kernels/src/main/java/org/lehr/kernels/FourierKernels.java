package org.lehr.kernels;

/// Discrete Fourier transforms of real signals along time. A complex number is a pair of its real and imaginary part.
public interface FourierKernels {

    /// `spectrum[k] = Σ_t signal[t]·e^(−2πi·k·t/length)` for `k = 0 … length/2`, the signal being followed by
    /// zeros.
    ///
    /// `signal [b, t, c], spectrum [b, length/2 + 1, c, 2]`, dense, `t ≤ length`
    ///
    /// @param length a power of two, at least 2
    void transform(View spectrum, View signal, long length);

    /// The first times of the signal of `length` real numbers whose transform is `spectrum`; the imaginary parts of
    /// its first and last frequency do not count.
    void inverse(View signal, View spectrum, long length);
}
