package org.lehr.engine.tensor.op;

import java.util.Arrays;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// The discrete Fourier transform of real signals along time, which zeros follow up to `length`: the frequencies from 0
/// to half of it, `X[k] = Σ_t x[t]·e^(−2πi·k·t/length)`, as pairs of real and imaginary parts.
/// `x [b, t, c] → [b, length/2 + 1, c, 2]`
///
/// @param length a power of two, at least 2 and at least `t`
public record FourierTransform(long length) implements Op {

    public FourierTransform {
        requireLength(length);
    }

    static void requireLength(long length) {
        if (length < 2 || Long.bitCount(length) != 1) {
            throw new IllegalArgumentException(
                    "fourier transform: the length must be a power of two from 2, got " + length);
        }
    }

    public static Tensor fourierTransform(Tensor x, long length) {
        return Tensor.apply(new FourierTransform(length), x);
    }

    /// The least length for which the transform's products are convolutions of `times` with `taps` elements.
    public static long lengthFor(long times, long taps) {
        return Math.max(2, Long.highestOneBit(Math.max(1, 2 * (times + taps - 1) - 1)));
    }

    @Override
    public Tensor forward(Call call) {
        Rows.requireFloating(name(), call);
        Shape x = call.shape(0);
        if (x.rank() != 3 || x.extent(1) > length) {
            throw new ShapeMismatchException(
                    name() + ": needs x [b, t, c] with t at most the length " + length + ", got " + x);
        }
        Tensor out = call.empty(call.dtype(0), Shape.of(x.extent(0), length / 2 + 1, x.extent(2), 2));
        call.backend()
                .fourier()
                .transform(out.view(), call.input(0).contiguous().view(), length);
        return out;
    }

    /// `dx[t] = Re Σ_k dX[k]·e^(2πi·k·t/length)`, where the inverse transform counts the inner frequencies twice.
    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor halved = dy.mul(weights(dy, length, 0.5 * length, length));
        return new Tensor[] {
            InverseFourierTransform.inverseFourierTransform(
                    halved, length, call.shape(0).extent(1))
        };
    }

    /// `[length/2 + 1, 1, 1]`: `inner`, and at both ends `end`.
    static Tensor weights(Tensor like, long length, double inner, double end) {
        double[] weights = new double[Math.toIntExact(length / 2 + 1)];
        Arrays.fill(weights, inner);
        weights[0] = end;
        weights[weights.length - 1] = end;
        return Tensor.of(weights, weights.length, 1, 1).to(like.dtype());
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
