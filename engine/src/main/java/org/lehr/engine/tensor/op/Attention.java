package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Broadcast;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Softmax attention without the score matrix in memory (Dao et al. 2022).
/// `q [b, h, t, d], k [b, g, s, d], v [b, g, s, e], bias [b, h, t, s], key padding bool [b, s] → [b, h, t, e]`
///
/// Each of the `g` key heads serves `h/g` query heads. The bias broadcasts, and hides a key where it is −∞; key padding
/// is true where a
/// key must not be seen. A query that sees no key gives zeros.
///
/// @param scale factor of the dot products; NaN for `1/√d`
/// @param softCap the `c` of `c·tanh(s/c)` that takes the place of each score `s` before the bias, so that none is
/// larger in
///     size (Gemma Team 2024, "Gemma 2"); 0 for none
/// @param causal whether query `i` sees only keys `j ≤ i + (s − t)`
/// @param window how many keys back a query sees, 0 for all; needs `causal`
/// @param biased whether a bias follows `v` in the inputs
/// @param padded whether key padding comes last in the inputs
public record Attention(double scale, double softCap, boolean causal, long window, boolean biased, boolean padded)
        implements FusedOp {

    public Attention {
        if (window < 0 || window > 0 && !causal) {
            throw new IllegalArgumentException("attention: a window needs causal attention and a positive size, got "
                    + window + (causal ? "" : " without causal"));
        }
        if (!(softCap >= 0) || Double.isInfinite(softCap)) {
            throw new IllegalArgumentException(
                    "attention: soft cap is " + softCap + ", expected a finite number of 0 or more");
        }
    }

    /// Attention whose scores are not capped.
    public Attention(double scale, boolean causal, long window, boolean biased, boolean padded) {
        this(scale, 0, causal, window, biased, padded);
    }

    /// Causal self-attention with the usual scale.
    public static Tensor causal(Tensor q, Tensor k, Tensor v) {
        return Tensor.apply(new Attention(Double.NaN, true, 0, false, false), q, k, v);
    }

    /// Attention of every query to every key with the usual scale.
    public static Tensor full(Tensor q, Tensor k, Tensor v) {
        return Tensor.apply(new Attention(Double.NaN, false, 0, false, false), q, k, v);
    }

    @Override
    public Tensor forward(Call call) {
        check(call);
        Shape q = call.shape(0);
        // Stored as [b, t, h, e], so that joining the heads afterwards is a view.
        Tensor stored = call.empty(
                call.dtype(0),
                Shape.of(q.extent(0), q.extent(2), q.extent(1), call.shape(2).extent(3)));
        Tensor out = stored.transpose(1, 2);
        Tensor logSumExp = call.empty(Rows.statistics(call.dtype(0)), q.slice(0, 3));
        call.backend()
                .attention()
                .forward(out.view(), logSumExp.view(), head(call, 0), head(call, 1), head(call, 2), mask(call));
        call.save(logSumExp);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor[] gradients = new Tensor[call.count()];
        for (int i = 0; i < 3; i++) {
            gradients[i] = like(call, i);
        }
        boolean wantsBias = biased && call.needs(3);
        Tensor dBias = wantsBias ? call.empty(call.dtype(0), scores(call)) : null;
        Tensor dOut = Rows.adjacent(dy);
        call.backend()
                .attention()
                .backward(
                        gradients[0].view(),
                        gradients[1].view(),
                        gradients[2].view(),
                        wantsBias ? dBias.view() : null,
                        dOut.view(),
                        call.output().view(),
                        call.saved(0).view(),
                        head(call, 0),
                        head(call, 1),
                        head(call, 2),
                        mask(call));
        if (wantsBias) {
            gradients[3] = Broadcast.reduceTo(dBias, call.shape(3));
        }
        return gradients;
    }

    @Override
    public boolean readsOutput() {
        return true;
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        return weights(inputs).matmul(repeatHeads(inputs[2], inputs[0].extent(1)));
    }

    /// How much each query takes of each key, which the operation itself never holds, from recorded operations.
    /// `→ [b, h, t, s]`
    ///
    /// @param inputs those of the operation
    public Tensor weights(Tensor... inputs) {
        Tensor q = inputs[0];
        Shape shape = q.shape();
        Tensor k = repeatHeads(inputs[1], shape.extent(1));
        Tensor scores = q.matmul(k.transpose(-1, -2)).mul(factor(shape));
        if (softCap > 0) {
            scores = scores.div(softCap).tanh().mul(softCap);
        }
        if (biased) {
            scores = scores.add(inputs[3]);
        }
        Tensor hidden = hidden(shape.extent(2), k.extent(2), inputs);
        Tensor finite = Where.where(hidden, scores.scalarLike(-1e30), scores);
        return Where.where(hidden, scores.scalarLike(0), Softmax.softmax(finite, -1));
    }

    /// `bool [b or 1, h or 1, t, s]`, true where a query must not see a key.
    private Tensor hidden(long t, long s, Tensor... inputs) {
        boolean[] places = new boolean[Math.toIntExact(t * s)];
        for (int i = 0; i < t; i++) {
            for (int j = 0; j < s; j++) {
                long reach = i + (s - t);
                places[(int) (i * s + j)] = causal && j > reach || window > 0 && j <= reach - window;
            }
        }
        Tensor hidden = Tensor.of(places, 1, 1, t, s);
        if (biased) {
            Tensor excluded = Compare.equal(inputs[3], inputs[3].scalarLike(Double.NEGATIVE_INFINITY));
            hidden = Where.where(excluded, excluded, hidden);
        }
        if (!padded) {
            return hidden;
        }
        Tensor padding = inputs[inputs.length - 1].unsqueeze(1).unsqueeze(1);
        return Where.where(padding, padding, hidden);
    }

    /// Each key head as often as it serves query heads. `[b, g, s, d] → [b, h, s, d]`
    public static Tensor repeatHeads(Tensor x, long heads) {
        long b = x.extent(0);
        long groups = x.extent(1);
        return groups == heads
                ? x
                : x.unsqueeze(2)
                        .expand(b, groups, heads / groups, x.extent(2), x.extent(3))
                        .reshape(b, heads, x.extent(2), x.extent(3));
    }

    /// The factor of the dot products for queries `[b, h, t, d]`.
    public double factor(Shape q) {
        return Double.isNaN(scale) ? 1 / Math.sqrt(q.extent(3)) : scale;
    }

    private Mask mask(Call call) {
        View bias =
                biased ? Broadcast.expand(name(), call.input(3), scores(call)).view() : null;
        View padding = padded ? call.input(call.count() - 1).contiguous().view() : null;
        return new Mask(factor(call.shape(0)), softCap, causal, window, bias, padding);
    }

    private static Shape scores(Call call) {
        return call.shape(0).slice(0, 3).then(Shape.of(call.shape(1).extent(2)));
    }

    private static View head(Call call, int i) {
        return Rows.adjacent(call.input(i)).view();
    }

    /// Memory for the gradient of input `i`: dense where the input is, else in `[b, t, h, d]` order as the
    /// projections
    /// before it want it.
    private static Tensor like(Call call, int i) {
        Shape s = call.shape(i);
        if (call.input(i).isContiguous()) {
            return call.empty(call.dtype(i), s);
        }
        return call.empty(call.dtype(i), Shape.of(s.extent(0), s.extent(2), s.extent(1), s.extent(3)))
                .transpose(1, 2);
    }

    private void check(Call call) {
        int expected = 3 + (biased ? 1 : 0) + (padded ? 1 : 0);
        if (call.count() != expected) {
            throw new IllegalArgumentException("attention: expected " + expected + " inputs, got " + call.count());
        }
        Shape q = call.shape(0);
        Shape k = call.shape(1);
        Shape v = call.shape(2);
        boolean fits = q.rank() == 4 && k.rank() == 4 && v.rank() == 4;
        fits = fits && q.extent(0) == k.extent(0) && q.extent(0) == v.extent(0) && q.extent(3) == k.extent(3);
        fits = fits && k.extent(1) == v.extent(1) && k.extent(2) == v.extent(2);
        fits = fits && k.extent(1) > 0 && q.extent(1) % k.extent(1) == 0;
        if (!fits) {
            throw new ShapeMismatchException("attention: needs q [b, h, t, d], k [b, g, s, d], v [b, g, s, e] with g"
                    + " dividing h, got " + q + ", " + k + ", " + v);
        }
        if (!call.dtype(0).isFloating() || call.dtype(1) != call.dtype(0) || call.dtype(2) != call.dtype(0)) {
            throw new DTypeMismatchException("attention: q, k and v need one floating dtype, got " + call.dtype(0)
                    + ", " + call.dtype(1) + ", " + call.dtype(2));
        }
        if (padded) {
            int last = call.count() - 1;
            Shape padding = Shape.of(q.extent(0), k.extent(2));
            if (call.dtype(last) != DType.BOOL || !call.shape(last).equals(padding)) {
                throw new ShapeMismatchException("attention: key padding must be bool" + padding + ", got "
                        + call.dtype(last) + call.shape(last));
            }
        }
    }
}
