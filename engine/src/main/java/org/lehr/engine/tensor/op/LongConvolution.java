package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// A causal filter of each channel that is as long as the sequence, by way of frequencies: `n log n` steps for
/// `n` times.
public final class LongConvolution {

    private LongConvolution() {}

    /// `y[t] = Σ_s filter[s]·x[t − s]`, times before the first being zeros.
    /// `x [b, t, c], filter [s, c] → [b, t, c]`
    public static Tensor longConvolution(Tensor x, Tensor filter) {
        if (x.rank() != 3 || filter.rank() != 2 || filter.extent(1) != x.extent(2)) {
            throw new ShapeMismatchException("long convolution: needs x [b, t, c] and filter [s, c], got " + x.shape()
                    + " and " + filter.shape());
        }
        long length = FourierTransform.lengthFor(x.extent(1), filter.extent(0));
        Tensor signal = FourierTransform.fourierTransform(x, length);
        Tensor response = FourierTransform.fourierTransform(filter.unsqueeze(0), length);
        return InverseFourierTransform.inverseFourierTransform(product(signal, response), length, x.extent(1));
    }

    /// The product of complex numbers `[..., 2]`, which broadcast.
    private static Tensor product(Tensor x, Tensor y) {
        Tensor re = x.slice(-1, 0, 1);
        Tensor im = x.slice(-1, 1, 2);
        Tensor otherRe = y.slice(-1, 0, 1);
        Tensor otherIm = y.slice(-1, 1, 2);
        return Concat.concat(
                -1, re.mul(otherRe).sub(im.mul(otherIm)), re.mul(otherIm).add(im.mul(otherRe)));
    }
}
