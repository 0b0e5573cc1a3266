package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// The first `times` numbers of the real signal of `length` whose [FourierTransform] is given; imaginary parts of the
/// first and last frequency do not count. `X [b, length/2 + 1, c, 2] → [b, times, c]`
public record InverseFourierTransform(long length, long times) implements Op {

    public InverseFourierTransform {
        FourierTransform.requireLength(length);
        if (times < 0 || times > length) {
            throw new IllegalArgumentException(
                    "inverse fourier transform: " + times + " times of a signal of " + length);
        }
    }

    public static Tensor inverseFourierTransform(Tensor spectrum, long length, long times) {
        return Tensor.apply(new InverseFourierTransform(length, times), spectrum);
    }

    @Override
    public Tensor forward(Call call) {
        Rows.requireFloating(name(), call);
        Shape x = call.shape(0);
        if (x.rank() != 4 || x.extent(1) != length / 2 + 1 || x.extent(3) != 2) {
            throw new ShapeMismatchException(
                    name() + ": needs a spectrum [b, " + (length / 2 + 1) + ", c, 2], got " + x);
        }
        Tensor out = call.empty(call.dtype(0), Shape.of(x.extent(0), times, x.extent(2)));
        call.backend().fourier().inverse(out.view(), call.input(0).contiguous().view(), length);
        return out;
    }

    /// `dX[k] = m[k]/length·Σ_t dx[t]·e^(−2πi·k·t/length)` with `m = 1` at both ends and 2 between.
    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor spectrum = FourierTransform.fourierTransform(dy, length);
        return new Tensor[] {spectrum.mul(FourierTransform.weights(dy, length, 2.0 / length, 1.0 / length))};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
