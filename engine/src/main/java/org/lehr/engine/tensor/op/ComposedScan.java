package org.lehr.engine.tensor.op;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;

/// [SelectiveScan] one time after the other from recorded operations: its definition. States are
/// `[b, c, n]`, or two of them for complex numbers.
final class ComposedScan {

    private final boolean complex;
    private final Tensor u;
    private final Tensor width;
    private final Tensor a;
    private final Tensor b;
    private final Tensor c;
    private final Tensor d;
    private final Tensor z;
    private final Tensor sequence;
    private final boolean ends;

    /// The state, its real and where there is one its imaginary part.
    private Tensor[] h;

    ComposedScan(SelectiveScan scan, Tensor... inputs) {
        u = inputs[0];
        a = inputs[2];
        complex = a.rank() == 3;
        b = spread(inputs[3]);
        c = spread(inputs[4]);
        d = scan.given(0, inputs);
        z = scan.given(1, inputs);
        Tensor bias = scan.given(2, inputs);
        Tensor raw = bias == null ? inputs[1] : inputs[1].add(bias);
        width = scan.softplus() ? Softplus.softplus(raw) : raw;
        Shape state = Shape.of(u.extent(0)).then(a.shape());
        Tensor start = scan.given(3, inputs);
        h = parts(start == null ? Tensor.full(0, u.device(), u.dtype(), state.toArray()) : start);
        sequence = scan.given(4, inputs);
        ends = scan.ends();
    }

    /// `[n]`, `[b, t, n]` or `[b, t, g, n]` for every channel, `[b, t, c, n]`; the same with pairs.
    private Tensor spread(Tensor x) {
        int state = complex ? 2 : 1;
        Shape inner = x.shape().slice(x.rank() - state, x.rank());
        Shape all = u.shape().then(inner);
        if (x.rank() == state) {
            return x.reshape(Shape.of(1, 1, 1).then(inner).toArray()).expand(all.toArray());
        }
        Tensor grouped = x.rank() == state + 2 ? x.unsqueeze(2) : x;
        long groups = grouped.extent(2);
        Shape split =
                Shape.of(u.extent(0), u.extent(1), groups, u.extent(2) / groups).then(inner);
        return grouped.unsqueeze(3).expand(split.toArray()).reshape(all.toArray());
    }

    private Tensor[] parts(Tensor x) {
        return complex
                ? new Tensor[] {x.slice(-1, 0, 1).squeeze(-1), x.slice(-1, 1, 2).squeeze(-1)}
                : new Tensor[] {x};
    }

    private static Tensor at(Tensor x, long t) {
        return x.slice(1, t, t + 1).squeeze(1);
    }

    Tensor result() {
        long times = u.extent(1);
        List<Tensor> results = new ArrayList<>();
        for (long t = 0; t < times; t++) {
            results.add(step(t));
        }
        Tensor y = times == 0 ? u : Concat.stack(1, results.toArray(Tensor[]::new));
        if (z != null) {
            y = y.mul(z).mul(z.sigmoid());
        }
        if (!ends) {
            return y;
        }
        Tensor last = complex ? Concat.stack(-1, h) : h[0];
        return Concat.concat(0, y.reshape(y.size()), last.reshape(last.size()));
    }

    private Tensor step(long t) {
        Tensor x = at(u, t);
        Tensor step = at(width, t).unsqueeze(2);
        Tensor drive = step.mul(x.unsqueeze(2));
        Tensor[] rates = parts(a);
        Tensor[] in = parts(at(b, t));
        Tensor[] out = parts(at(c, t));
        Tensor size = step.mul(rates[0]).exp();
        if (t > 0 && sequence != null) {
            size = size.mul(Compare.equal(at(sequence, t), at(sequence, t - 1))
                    .to(u.dtype())
                    .reshape(u.extent(0), 1, 1));
        }
        Tensor sum;
        if (complex) {
            Tensor angle = step.mul(rates[1]);
            Tensor re = size.mul(Cos.cos(angle));
            Tensor im = size.mul(Sin.sin(angle));
            Tensor[] was = h;
            h = new Tensor[] {
                re.mul(was[0]).sub(im.mul(was[1])).add(drive.mul(in[0])),
                re.mul(was[1]).add(im.mul(was[0])).add(drive.mul(in[1]))
            };
            sum = out[0].mul(h[0]).sub(out[1].mul(h[1])).sum(2).mul(2);
        } else {
            h = new Tensor[] {size.mul(h[0]).add(drive.mul(in[0]))};
            sum = out[0].mul(h[0]).sum(2);
        }
        return d == null ? sum : sum.add(d.mul(x));
    }
}
