package org.lehr.engine.tensor.op;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.ScanKernels.Dual;
import org.lehr.kernels.ScanKernels.DualGradients;

/// The state-space dual (Dao, Gu 2024, "SSD"): a linear recurrence whose decay is one number for each head and time,
/// and
/// which is therefore also linear attention with a mask of decays.
///
/// ```
/// s[t] = exp(a[t])·s[t − 1] + x[t]⊗B[t]      s[−1] = start
/// y[t] = s[t]·C[t] = Σ_{j ≤ t} exp(a[j + 1] + ... + a[t])·(C[t]·B[j])·x[j] + exp(a[0] + ... + a[t])·start·C[t]
/// ```
///
/// `x [b, t, h, p], a [b, t, h], B and C [b, t, g, n], start [b, h, p, n], sequence int [b, t] → [b, t, h, p]`
///
/// Heads `h/g·i` to `h/g·(i + 1)` have `B` and `C` of group `i`. Rates `a` are at most 0 as a rule. Where
/// `sequence` changes, the state starts again from zeros. It is computed by products of matrices within chunks
/// of time; neither the `[t, t]` matrix nor the states of all times are ever in memory, only states before
/// chunks.
///
/// An operation has one result. With `ends`, it is the result and then the last state, row by row, in one dimension,
/// and
/// [#scan] gives views of both, so that gradients of both arrive here together.
///
/// @param chunk times that are worked on together; results differ by rounding only, and 64 suits a processor
/// @param ends whether the last state is wanted
/// @param started whether the state before the first time follows `C` in the inputs; else it is zeros
/// @param sequenced whether the sequence index comes last in the inputs
public record StateSpaceDual(int chunk, boolean ends, boolean started, boolean sequenced) implements FusedOp {

    /// Times of a chunk that suit a processor: more of them cost more for pairs of times, fewer more for states.
    public static final int CHUNK = 64;

    public StateSpaceDual {
        if (chunk < 1) {
            throw new IllegalArgumentException("state_space_dual: a chunk must have at least 1 time, got " + chunk);
        }
    }

    /// What the recurrence reads. `start` and `sequence` may be null.
    public record Inputs(Tensor x, Tensor a, Tensor b, Tensor c, Tensor start, Tensor sequence) {

        /// Inputs of a recurrence that begins with zeros.
        public static Inputs of(Tensor x, Tensor a, Tensor b, Tensor c) {
            return new Inputs(x, a, b, c, null, null);
        }

        private Tensor[] present() {
            List<Tensor> all = new ArrayList<>(List.of(x, a, b, c));
            if (start != null) {
                all.add(start);
            }
            if (sequence != null) {
                all.add(sequence);
            }
            return all.toArray(Tensor[]::new);
        }
    }

    /// The result and the state after the last time.
    public record Scanned(Tensor y, Tensor last) {}

    /// The result without the last state.
    public static Tensor stateSpaceDual(Inputs inputs, int chunk) {
        return Tensor.apply(
                new StateSpaceDual(chunk, false, inputs.start != null, inputs.sequence != null), inputs.present());
    }

    /// The result and the last state, both with gradients.
    public static Scanned scan(Inputs inputs, int chunk) {
        StateSpaceDual op = new StateSpaceDual(chunk, true, inputs.start != null, inputs.sequence != null);
        Tensor both = Tensor.apply(op, inputs.present());
        long size = inputs.x.size();
        Shape state = state(inputs.x.shape(), inputs.b.shape());
        return new Scanned(
                both.slice(0, 0, size).reshape(inputs.x.shape().toArray()),
                both.slice(0, size, both.size()).reshape(state.toArray()));
    }

    private static Shape state(Shape x, Shape b) {
        return Shape.of(x.extent(0), x.extent(2), x.extent(3), b.extent(3));
    }

    @Override
    public Tensor forward(Call call) {
        check(call);
        Shape x = call.shape(0);
        Shape state = state(x, call.shape(2));
        Tensor both = call.empty(call.dtype(0), ends ? Shape.of(x.size() + state.size()) : x);
        Dual form = form(call);
        Tensor kept = call.needsAny()
                ? call.empty(
                        Rows.statistics(call.dtype(0)),
                        Shape.of(call.backend().scans().kept(form)))
                : null;
        call.backend()
                .scans()
                .dual(
                        Rows.part(both, 0, x),
                        ends ? Rows.part(both, x.size(), state) : null,
                        kept == null ? null : kept.view(),
                        form);
        if (kept != null) {
            call.save(kept);
        }
        return both;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor[] gradients = new Tensor[call.count()];
        for (int i = 0; i < (started ? 5 : 4); i++) {
            gradients[i] = call.empty(call.dtype(i), call.shape(i));
        }
        Shape x = call.shape(0);
        Tensor dense = ends ? dy.contiguous() : Rows.adjacent(dy);
        call.backend()
                .scans()
                .dualBackward(
                        new DualGradients(
                                gradients[0].view(),
                                gradients[1].view(),
                                gradients[2].view(),
                                gradients[3].view(),
                                started ? gradients[4].view() : null),
                        ends ? Rows.part(dense, 0, x) : dense.view(),
                        ends ? Rows.part(dense, x.size(), state(x, call.shape(2))) : null,
                        call.saved(0).view(),
                        form(call));
        return gradients;
    }

    private Dual form(Call call) {
        return new Dual(
                Rows.adjacent(call.input(0)).view(),
                Rows.adjacent(call.input(1)).view(),
                Rows.adjacent(call.input(2)).view(),
                Rows.adjacent(call.input(3)).view(),
                started ? call.input(4).contiguous().view() : null,
                sequenced
                        ? call.input(call.count() - 1)
                                .to(DType.INT32)
                                .contiguous()
                                .view()
                        : null,
                chunk);
    }

    /// The definition, one time after the other.
    @Override
    public Tensor composed(Tensor... inputs) {
        Tensor x = inputs[0];
        Tensor a = inputs[1];
        Shape shape = state(x.shape(), inputs[2].shape());
        Tensor s = started ? inputs[4] : Tensor.full(0, x.device(), x.dtype(), shape.toArray());
        Tensor sequence = sequenced ? inputs[inputs.length - 1] : null;
        List<Tensor> results = new ArrayList<>();
        for (long t = 0; t < x.extent(1); t++) {
            Tensor decay = at(a, t).exp();
            if (t > 0 && sequence != null) {
                Tensor same = Compare.equal(at(sequence, t), at(sequence, t - 1));
                decay = decay.mul(same.to(x.dtype()).unsqueeze(1));
            }
            Tensor in = at(x, t).unsqueeze(3).mul(ofHeads(at(inputs[2], t), shape));
            s = decay.unsqueeze(2).unsqueeze(3).mul(s).add(in);
            results.add(s.mul(ofHeads(at(inputs[3], t), shape)).sum(3));
        }
        Tensor y = results.isEmpty() ? x : Concat.stack(1, results.toArray(Tensor[]::new));
        return ends ? Concat.concat(0, y.reshape(y.size()), s.reshape(s.size())) : y;
    }

    private static Tensor at(Tensor x, long t) {
        return x.slice(1, t, t + 1).squeeze(1);
    }

    /// `[b, g, n] → [b, h, 1, n]` for states of `shape`.
    private static Tensor ofHeads(Tensor x, Shape shape) {
        long heads = shape.extent(1);
        long groups = x.extent(1);
        return x.unsqueeze(2)
                .expand(shape.extent(0), groups, heads / groups, shape.extent(3))
                .reshape(shape.extent(0), heads, 1, shape.extent(3));
    }

    // ---- refusals -----------------------------------------------------------------------------------------------

    private void check(Call call) {
        Shape x = call.shape(0);
        Shape b = call.shape(2);
        require(x.rank() == 4, call, "x must be [b, t, h, p]");
        require(call.shape(1).equals(x.slice(0, 3)), call, "a must be " + x.slice(0, 3));
        require(
                b.rank() == 4
                        && b.slice(0, 2).equals(x.slice(0, 2))
                        && b.extent(2) > 0
                        && x.extent(2) % b.extent(2) == 0,
                call,
                "B must be [" + x.extent(0) + ", " + x.extent(1) + ", g, n] with g dividing " + x.extent(2) + " heads");
        require(call.shape(3).equals(b), call, "C must have the shape of B");
        require(!started || call.shape(4).equals(state(x, b)), call, "the initial state must be " + state(x, b));
        int last = call.count() - 1;
        require(!sequenced || call.shape(last).equals(x.slice(0, 2)), call, "the sequence must be " + x.slice(0, 2));
        for (int i = 0; i <= last; i++) {
            boolean index = sequenced && i == last;
            boolean fits = index
                    ? !call.dtype(i).isFloating() && call.dtype(i) != DType.BOOL
                    : call.dtype(i) == call.dtype(0) && call.dtype(0).isFloating();
            if (!fits) {
                throw new DTypeMismatchException(name() + ": needs one floating dtype, and integers as the sequence"
                        + " index, got " + call.dtype(0) + " and " + call.dtype(i));
            }
        }
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
