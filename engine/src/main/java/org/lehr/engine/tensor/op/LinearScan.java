package org.lehr.engine.tensor.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.engine.tensor.Broadcast;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Linear;
import org.lehr.kernels.ScanKernels.LinearGradients;
import org.lehr.kernels.View;

/// The linear recurrence `h[t] = a[t]∘h[t − 1] + x[t]`, all states being the result; the last of them is its last
/// row. `x [b, t, c], a [b, t, c] or [c], start [b, c], sequence int [b, t] → [b, t, c]`; complex numbers are
/// pairs, `[..., 2]`. Where `sequence` changes, `h[t] = x[t]`.
///
/// @param complex whether the numbers are pairs
/// @param started whether the state before the first time follows `a` in the inputs; else it is zeros
/// @param sequenced whether the sequence index comes last in the inputs
public record LinearScan(boolean complex, boolean started, boolean sequenced) implements FusedOp {

    /// The recurrence of real numbers; `start` and `sequence` may be null.
    public static Tensor linearScan(Tensor x, Tensor a, Tensor start, Tensor sequence) {
        return scan(false, x, a, start, sequence);
    }

    /// The recurrence of complex numbers; `start` and `sequence` may be null.
    public static Tensor complexScan(Tensor x, Tensor a, Tensor start, Tensor sequence) {
        return scan(true, x, a, start, sequence);
    }

    private static Tensor scan(boolean complex, Tensor x, Tensor a, Tensor start, Tensor sequence) {
        List<Tensor> inputs = new ArrayList<>(List.of(x, a));
        if (start != null) {
            inputs.add(start);
        }
        if (sequence != null) {
            inputs.add(sequence);
        }
        return Tensor.apply(new LinearScan(complex, start != null, sequence != null), inputs.toArray(Tensor[]::new));
    }

    @Override
    public Tensor forward(Call call) {
        check(call);
        Tensor h = call.empty(call.dtype(0), call.shape(0));
        call.backend().scans().linear(h.view(), form(call));
        return h;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor[] gradients = new Tensor[call.count()];
        gradients[0] = call.empty(call.dtype(0), call.shape(0));
        gradients[1] = call.empty(call.dtype(0), call.shape(0));
        if (started) {
            gradients[2] = call.empty(call.dtype(0), call.shape(2));
        }
        call.backend()
                .scans()
                .linearBackward(
                        new LinearGradients(
                                gradients[0].view(), gradients[1].view(), started ? gradients[2].view() : null),
                        dy.contiguous().view(),
                        call.output().view(),
                        form(call));
        gradients[1] = Broadcast.reduceTo(gradients[1], call.shape(1));
        return gradients;
    }

    @Override
    public boolean readsOutput() {
        return true;
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor x = inputs[0];
        Tensor a = inputs[1];
        if (x.extent(1) == 0) {
            return x;
        }
        if (a.rank() < x.rank()) {
            a = a.reshape(Shape.of(1, 1).then(inputs[1].shape()).toArray())
                    .expand(x.shape().toArray());
        }
        Tensor index = sequenced ? inputs[inputs.length - 1] : null;
        Tensor h = started
                ? inputs[2]
                : Tensor.full(0, x.device(), x.dtype(), at(x, 0).shape().toArray());
        List<Tensor> all = new ArrayList<>();
        for (long t = 0; t < x.extent(1); t++) {
            if (t > 0 && index != null) {
                long[] place = new long[x.rank() - 1];
                Arrays.fill(place, 1);
                place[0] = x.extent(0);
                h = h.mul(Compare.equal(at(index, t), at(index, t - 1))
                        .to(x.dtype())
                        .reshape(place));
            }
            h = product(at(a, t), h).add(at(x, t));
            all.add(h);
        }
        return Concat.stack(1, all.toArray(Tensor[]::new));
    }

    private static Tensor at(Tensor x, long t) {
        return x.slice(1, t, t + 1).squeeze(1);
    }

    private Tensor product(Tensor a, Tensor h) {
        if (!complex) {
            return a.mul(h);
        }
        Tensor re = a.slice(-1, 0, 1);
        Tensor im = a.slice(-1, 1, 2);
        Tensor hRe = h.slice(-1, 0, 1);
        Tensor hIm = h.slice(-1, 1, 2);
        return Concat.concat(-1, re.mul(hRe).sub(im.mul(hIm)), re.mul(hIm).add(im.mul(hRe)));
    }

    private Linear form(Call call) {
        Tensor a = call.input(1);
        Tensor rates = Broadcast.expand(name(), a.contiguous(), call.shape(0));
        return new Linear(
                call.input(0).contiguous().view(),
                rates.view(),
                started ? call.input(2).contiguous().view() : null,
                sequenced ? index(call.input(call.count() - 1)) : null);
    }

    private static View index(Tensor sequence) {
        return sequence.to(DType.INT32).contiguous().view();
    }

    private void check(Call call) {
        Shape x = call.shape(0);
        int rank = complex ? 4 : 3;
        boolean fits = x.rank() == rank && (!complex || x.extent(3) == 2);
        Shape channel = fits ? x.slice(2, rank) : x;
        fits = fits && (call.shape(1).equals(x) || call.shape(1).equals(channel));
        fits = fits && (!started || call.shape(2).equals(Shape.of(x.extent(0)).then(channel)));
        fits = fits && (!sequenced || call.shape(call.count() - 1).equals(x.slice(0, 2)));
        if (!fits) {
            StringBuilder shapes = new StringBuilder();
            for (int i = 0; i < call.count(); i++) {
                shapes.append(i == 0 ? "" : ", ").append(call.shape(i));
            }
            String pair = complex ? ", 2" : "";
            throw new ShapeMismatchException(name() + ": needs x [b, t, c" + pair + "], a of that shape or [c" + pair
                    + "], a start [b, c" + pair + "] and a sequence index [b, t], got " + shapes);
        }
        for (int i = 0; i < call.count(); i++) {
            boolean index = sequenced && i == call.count() - 1;
            if (index == call.dtype(i).isFloating() || !index && call.dtype(i) != call.dtype(0)) {
                throw new DTypeMismatchException(name() + ": needs one floating dtype, and integers as the sequence"
                        + " index, got " + call.dtype(0) + " and " + call.dtype(i));
            }
        }
    }
}
