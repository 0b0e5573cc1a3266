package org.lehr.engine.tensor.op;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.tensor.Broadcast;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Selective;
import org.lehr.kernels.ScanKernels.SelectiveGradients;
import org.lehr.kernels.View;

/// The selective scan of state-space models (Gu, Dao 2023), from the widths of the steps to the gate:
///
/// ```
/// Δ = softplus(delta + deltaBias)
/// h[t] = exp(Δ·A)∘h[t − 1] + Δ·u·B      h[−1] = start
/// y[t] = (C·h[t] + D·u)·z·σ(z)
/// ```
///
/// `u, delta, z [b, t, c], A [c, n], B and C [n], [b, t, n] or [b, t, g, n], D and deltaBias [c], start [b, c, n],
/// sequence int [b, t] → [b, t, c]`
///
/// In a grouped form channels `c/g·i` to `c/g·(i + 1)` have `B` and `C` of group `i`. A complex `A` is
/// `[c, n, 2]`; `B`, `C` and `start` then end with a dimension of 2 too, and `C·h` is `2·Re(C·h)`. Where `sequence`
/// changes, the state starts again from zeros. The state is never kept for all times: memory does not grow with
/// `n·t` but for a state every 64 times, which the backward pass starts from.
///
/// An operation has one result. With `ends`, it is the result and then the last state, row by row, in one
/// dimension, and [#scan] gives views of both, so that gradients of both arrive here together.
///
/// @param softplus whether there is a softplus; else `Δ = delta + deltaBias`
/// @param ends whether the last state is wanted
/// @param optional which of D, z, deltaBias, start and sequence follow C in the inputs, in this order
public record SelectiveScan(boolean softplus, boolean ends, Optional optional) implements FusedOp {

    /// Which optional inputs are there.
    public record Optional(boolean d, boolean z, boolean deltaBias, boolean start, boolean sequence) {

        private int place(int which) {
            boolean[] all = {d, z, deltaBias, start, sequence};
            if (!all[which]) {
                return -1;
            }
            int place = 5;
            for (int i = 0; i < which; i++) {
                place += all[i] ? 1 : 0;
            }
            return place;
        }
    }

    /// What the scan reads. All but the first five may be null.
    public record Inputs(
            Tensor u,
            Tensor delta,
            Tensor a,
            Tensor b,
            Tensor c,
            Tensor d,
            Tensor z,
            Tensor deltaBias,
            Tensor start,
            Tensor sequence) {

        /// The usual inputs of a layer that begins with a zero state.
        public static Inputs of(Tensor u, Tensor delta, Tensor a, Tensor b, Tensor c) {
            return new Inputs(u, delta, a, b, c, null, null, null, null, null);
        }

        private Tensor[] present() {
            List<Tensor> all = new ArrayList<>(List.of(u, delta, a, b, c));
            for (Tensor optional : new Tensor[] {d, z, deltaBias, start, sequence}) {
                if (optional != null) {
                    all.add(optional);
                }
            }
            return all.toArray(Tensor[]::new);
        }

        private Optional optional() {
            return new Optional(d != null, z != null, deltaBias != null, start != null, sequence != null);
        }
    }

    /// The result and the state after the last time.
    public record Scanned(Tensor y, Tensor last) {}

    /// The scan without its last state.
    public static Tensor selectiveScan(Inputs inputs, boolean softplus) {
        return Tensor.apply(new SelectiveScan(softplus, false, inputs.optional()), inputs.present());
    }

    /// The scan and its last state, both with gradients.
    public static Scanned scan(Inputs inputs, boolean softplus) {
        Tensor both = Tensor.apply(new SelectiveScan(softplus, true, inputs.optional()), inputs.present());
        long size = inputs.u.size();
        Shape state = state(inputs.u.shape(), inputs.a.shape());
        return new Scanned(
                both.slice(0, 0, size).reshape(inputs.u.shape().toArray()),
                both.slice(0, size, both.size()).reshape(state.toArray()));
    }

    private static Shape state(Shape u, Shape a) {
        return Shape.of(u.extent(0)).then(a);
    }

    @Override
    public Tensor forward(Call call) {
        check(call);
        Shape u = call.shape(0);
        long states = ends ? state(u, call.shape(2)).size() : 0;
        Tensor both = call.empty(call.dtype(0), ends ? Shape.of(u.size() + states) : u);
        Selective form = form(call);
        Tensor kept = call.needsAny() ? kept(call, form) : null;
        call.backend()
                .scans()
                .selective(
                        result(both, u),
                        ends ? last(both, u, call.shape(2)) : null,
                        kept == null ? null : kept.view(),
                        form);
        if (kept != null) {
            call.save(kept);
        }
        return both;
    }

    private static Tensor kept(Call call, Selective form) {
        return call.empty(
                Rows.statistics(call.dtype(0)), Shape.of(call.backend().scans().kept(form)));
    }

    /// `[b, t, c]` at the beginning of what a call gives, or gets the gradient of.
    private View result(Tensor both, Shape u) {
        return ends ? Rows.part(both, 0, u) : Rows.adjacent(both).view();
    }

    private static View last(Tensor both, Shape u, Shape a) {
        return Rows.part(both, u.size(), state(u, a));
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor[] gradients = new Tensor[call.count()];
        for (int i = 0; i < gradients.length - (optional.sequence ? 1 : 0); i++) {
            gradients[i] = call.empty(call.dtype(i), i == 3 || i == 4 ? grouped(call, i) : call.shape(i));
        }
        Tensor dense = ends ? dy.contiguous() : dy;
        Shape u = call.shape(0);
        call.backend()
                .scans()
                .selectiveBackward(
                        new SelectiveGradients(
                                gradients[0].view(),
                                gradients[1].view(),
                                gradients[2].view(),
                                gradients[3].view(),
                                gradients[4].view(),
                                view(gradients, 0),
                                view(gradients, 1),
                                view(gradients, 2),
                                view(gradients, 3)),
                        result(dense, u),
                        ends ? last(dense, u, call.shape(2)) : null,
                        call.saved(0).view(),
                        form(call));
        for (int i = 3; i < 5; i++) {
            Shape shape = call.shape(i);
            gradients[i] = shape.rank() == call.shape(2).rank() - 1
                    ? Broadcast.reduceTo(gradients[i], shape)
                    : gradients[i].reshape(shape.toArray());
        }
        return gradients;
    }

    private View view(Tensor[] gradients, int which) {
        int place = optional.place(which);
        return place < 0 ? null : gradients[place].view();
    }

    // ---- what kernels are given ---------------------------------------------------------------------------------

    private Selective form(Call call) {
        return new Selective(
                Rows.adjacent(call.input(0)).view(),
                Rows.adjacent(call.input(1)).view(),
                call.input(2).contiguous().view(),
                shared(call, 3),
                shared(call, 4),
                dense(call, 0),
                optional.z ? Rows.adjacent(call.input(optional.place(1))).view() : null,
                dense(call, 2),
                dense(call, 3),
                optional.sequence
                        ? call.input(optional.place(4))
                                .to(DType.INT32)
                                .contiguous()
                                .view()
                        : null,
                softplus);
    }

    private View dense(Call call, int which) {
        int place = optional.place(which);
        return place < 0 ? null : call.input(place).contiguous().view();
    }

    /// The shape of `B` or `C` with all dimensions.
    private static Shape grouped(Call call, int i) {
        Shape u = call.shape(0);
        Shape given = call.shape(i);
        int state = call.shape(2).rank() - 1;
        Shape inner = given.slice(given.rank() - state, given.rank());
        long groups = given.rank() == state + 3 ? given.extent(2) : 1;
        return Shape.of(u.extent(0), u.extent(1), groups).then(inner);
    }

    /// `B` or `C` with all dimensions, constant ones repeated by strides of 0.
    private View shared(Call call, int i) {
        Tensor x = call.input(i);
        int state = call.shape(2).rank() - 1;
        long step = 1;
        boolean inner = true;
        for (int d = x.rank() - 1; d >= x.rank() - state; d--) {
            inner &= x.layout().strides()[d] == step || x.extent(d) == 1;
            step *= x.extent(d);
        }
        Tensor near = inner ? x : x.contiguous();
        Tensor all = x.rank() == state + 2 ? near.unsqueeze(2) : near;
        return Broadcast.expand(name(), all, grouped(call, i)).view();
    }

    // ---- the definition -----------------------------------------------------------------------------------------

    @Override
    public Tensor composed(Tensor... inputs) {
        return new ComposedScan(this, inputs).result();
    }

    /// The optional input number `which`, null where there is none.
    Tensor given(int which, Tensor... inputs) {
        int place = optional.place(which);
        return place < 0 ? null : inputs[place];
    }

    // ---- refusals -----------------------------------------------------------------------------------------------

    private void check(Call call) {
        Shape u = call.shape(0);
        Shape a = call.shape(2);
        require(u.rank() == 3, call, "u must be [b, t, c]");
        require(call.shape(1).equals(u), call, "delta must have the shape of u");
        boolean complex = a.rank() == 3 && a.extent(2) == 2;
        require(
                (a.rank() == 2 || complex) && a.extent(0) == u.extent(2),
                call,
                "A must be [c, n], or [c, n, 2] for complex numbers");
        Shape state = a.slice(1, a.rank());
        for (int i = 3; i < 5; i++) {
            require(
                    isShared(call.shape(i), u, state),
                    call,
                    "B and C must be [n], [b, t, n] or [b, t, g, n] with g" + " dividing c"
                            + (complex ? ", then 2" : ""));
        }
        require(grouped(call, 3).equals(grouped(call, 4)), call, "B and C must have the same groups");
        Shape channel = Shape.of(u.extent(2));
        optional(call, 0, channel, "D");
        optional(call, 1, u, "z");
        optional(call, 2, channel, "the bias of delta");
        optional(call, 3, state(u, a), "the initial state");
        optional(call, 4, u.slice(0, 2), "the sequence index");
        for (int i = 0; i < call.count(); i++) {
            boolean index = i == optional.place(4);
            boolean fits = index
                    ? !call.dtype(i).isFloating() && call.dtype(i) != DType.BOOL
                    : call.dtype(i) == call.dtype(0) && call.dtype(0).isFloating();
            if (!fits) {
                throw new DTypeMismatchException(name() + ": needs one floating dtype, and integers as the sequence"
                        + " index, got " + call.dtype(0) + " and " + call.dtype(i));
            }
        }
    }

    private static boolean isShared(Shape shape, Shape u, Shape state) {
        if (shape.equals(state) || shape.equals(u.slice(0, 2).then(state))) {
            return true;
        }
        return shape.rank() == 3 + state.rank()
                && shape.extent(2) > 0
                && u.extent(2) % shape.extent(2) == 0
                && shape.equals(u.slice(0, 2).then(Shape.of(shape.extent(2))).then(state));
    }

    private void optional(Call call, int which, Shape expected, String what) {
        int place = optional.place(which);
        require(place < 0 || call.shape(place).equals(expected), call, what + " must be " + expected);
    }

    private void require(boolean good, Call call, String what) {
        if (!good) {
            StringBuilder shapes = new StringBuilder();
            for (int i = 0; i < call.count(); i++) {
                shapes.append(i == 0 ? "" : ", ").append(call.shape(i));
            }
            throw new ShapeMismatchException(name() + ": " + what + ", got " + shapes);
        }
    }
}
