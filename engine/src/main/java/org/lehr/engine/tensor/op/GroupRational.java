package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// A learned rational function for each group of neighbouring features (Yang, Wang 2024), `P(x)/(1 + |S(x)|)` with
/// `P(x) = Σ_{i≥0} a[i]·xⁱ` and `S(x) = Σ_{j≥1} b[j − 1]·xʲ`. The gradients of the coefficients are summed group by
/// group
/// in registers (Raffel, Chen 2025). `x [..., g·w], a [g, p + 1], b [g, q] → [..., g·w]`
public record GroupRational() implements FusedOp {

    public static Tensor groupRational(Tensor x, Tensor a, Tensor b) {
        return Tensor.apply(new GroupRational(), x, a, b);
    }

    @Override
    public Tensor forward(Call call) {
        Rows rows = Rows.of(name(), call);
        Conv2d.requireOneFloating(name(), call);
        Shape a = call.shape(1);
        Shape b = call.shape(2);
        boolean fits = a.rank() == 2 && b.rank() == 2 && a.extent(0) >= 1 && a.extent(1) >= 1;
        if (!fits || b.extent(0) != a.extent(0) || rows.width() % a.extent(0) != 0) {
            throw new ShapeMismatchException(name() + ": needs x [..., g·w], a [g, p + 1] and b [g, q], got "
                    + call.shape(0) + ", " + a + " and " + b);
        }
        Tensor y = call.empty(call.dtype(0), call.shape(0));
        call.backend()
                .rationals()
                .rational(
                        rows.flat(y),
                        rows.flat(call.input(0)),
                        call.input(1).contiguous().view(),
                        call.input(2).contiguous().view());
        return y;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Rows rows = Rows.of(name(), call);
        Tensor dx = call.empty(call.dtype(0), call.shape(0));
        Tensor da = call.empty(call.dtype(1), call.shape(1));
        Tensor db = call.empty(call.dtype(2), call.shape(2));
        call.backend()
                .rationals()
                .rationalBackward(
                        rows.flat(dx),
                        da.view(),
                        db.view(),
                        rows.flat(dy),
                        rows.flat(call.input(0)),
                        call.input(1).contiguous().view(),
                        call.input(2).contiguous().view());
        return new Tensor[] {dx, da, db};
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor x = inputs[0];
        long groups = inputs[1].extent(0);
        Tensor parts = x.reshape(x.size() / Math.max(1, x.extent(-1)), groups, x.extent(-1) / groups);
        Tensor top = polynomial(parts, inputs[1]);
        Tensor bottom = polynomial(parts, inputs[2]).mul(parts).abs().add(1);
        return top.div(bottom).reshape(x.shape().toArray());
    }

    /// Horner's scheme: `parts [m, g, w], c [g, k] → [m, g, w]`
    private static Tensor polynomial(Tensor parts, Tensor c) {
        Tensor sum = parts.mul(0);
        for (long k = c.extent(1) - 1; k >= 0; k--) {
            sum = sum.mul(parts).add(c.slice(1, k, k + 1));
        }
        return sum;
    }
}
