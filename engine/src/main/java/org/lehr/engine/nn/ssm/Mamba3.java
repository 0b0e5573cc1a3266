package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.Silu;
import org.lehr.engine.tensor.op.Softplus;
import org.lehr.engine.tensor.op.StateSpaceDual;
import org.lehr.kernels.DType;

/// The mixer of Mamba-3 (Lahoti et al. 2026, arXiv 2603.15569), with the parameter names and the initial values of its
/// reference. `x [b, t, width] → [b, t, width]`
///
/// ```
/// z, x, B, C, dt, A, trap, angle = in_proj
/// Δ = softplus(dt + dt_bias)    α = exp(−f(A)·Δ)    λ = σ(trap)    φ[t] = φ[t − 1] + π·tanh(angle)·Δ  mod 2π
/// k = R(φ)·(norm(B) + B_bias)    q = R(φ)·(norm(C) + C_bias)
/// s[t] = α·s[t − 1] + (1 − λ)·Δ·α·x[t − 1]⊗k[t − 1] + λ·Δ·x[t]⊗k[t]
/// y = out_proj((s·q + D·x)·z·σ(z))
/// ```
///
/// for each head, with `f(A) = 1 + A` above 0 and `1/(1 − A)` below, at least [Choices#leastRate]. There is no short
/// convolution. Of rank `r > 1` (MIMO), every head has `r` vectors `k` and `q`, and `x` and `z` are multiplied with
/// `mimo_x` and `mimo_z [h, r, p]` for each of them; results are summed with factors `mimo_o`.
///
/// Pairs of states that turn together are neighbours, or for a rank above 1 a number of the first and one of the second
/// half.
public final class Mamba3 extends SequenceLayer<Mamba3.State> {

    private static final double EPSILON = 1e-5;

    private final Form form;
    private final Parameter stepBias;
    private final Parameter keyBias;
    private final Parameter queryBias;

    /// `[h, r, p]`; null for rank 1.
    private final Parameter rankIn;

    private final Parameter rankGate;
    private final Parameter rankOut;
    private final Parameter skip;
    private final Linear inProjection;
    private final RmsNorm keyNorm;
    private final RmsNorm queryNorm;
    private final GatedRmsNorm norm;
    private final Linear outProjection;

    /// The sizes of a mixer.
    ///
    /// @param width width of the stream
    /// @param states numbers of a channel's state, even
    /// @param expand channels for each of `width`
    /// @param headWidth channels that share rates, steps and angles
    /// @param groups parts of the heads that have a `B` and a `C` each, before their biases
    /// @param chunk times that are worked on together; see [StateSpaceDual]
    public record Form(long width, long states, long expand, long headWidth, long groups, int chunk, Choices choices)
            implements MixerForm<State> {

        public Form {
            if (width < 1 || states < 1 || expand < 1 || headWidth < 1 || groups < 1 || chunk < 1) {
                throw new IllegalArgumentException(
                        "mamba-3: sizes must be positive, got width " + width + ", states " + states + ", expand "
                                + expand + ", head width " + headWidth + ", groups " + groups + ", chunk " + chunk);
            }
            long channels = expand * width;
            if (channels % headWidth != 0 || channels / headWidth % groups != 0) {
                throw new IllegalArgumentException("mamba-3: " + channels + " channels are no heads of " + headWidth
                        + " in " + groups + " groups");
            }
            if (states % 2 != 0 || (long) (states * choices.turning()) < 2) {
                throw new IllegalArgumentException("mamba-3: needs an even number of states and at least a pair that"
                        + " turns, got a share of " + choices.turning() + " of " + states);
            }
        }

        /// The sizes of the paper: 128 states, twice as many channels as `width`, heads of 64 and one group.
        /// Narrow
        /// models have fewer and narrower ones, as in [Mamba2.Form#of].
        public static Form of(long width) {
            Mamba2.Form sizes = Mamba2.Form.of(width);
            return new Form(
                    width,
                    sizes.states(),
                    sizes.expand(),
                    sizes.headWidth(),
                    sizes.groups(),
                    StateSpaceDual.CHUNK,
                    Choices.defaults());
        }

        long channels() {
            return expand * width;
        }

        long heads() {
            return channels() / headWidth;
        }

        /// Pairs of states that turn.
        long angles() {
            return (long) (states * choices.turning()) / 2;
        }

        /// Numbers of `B`, and of `C`.
        long shared() {
            return choices.rank() * groups * states;
        }

        @Override
        public Mamba3 mixer(int layers, RandomStream random) {
            return new Mamba3(this, layers, random);
        }

        /// A number of a state decays, and for each vector it is added to and read.
        @Override
        public double recurrenceFlops() {
            return (1 + 4.0 * choices.rank()) * channels() * states;
        }
    }

    /// What differs between models of this kind.
    ///
    /// @param rank vectors `B` and `C` of a head; above 1 the mixer is MIMO
    /// @param turning share of the states that turn, above 0 and at most 1
    /// @param leastRate the least decay for a step of width 1
    /// @param normed whether each head's result is normed, before its gate
    public record Choices(int rank, double turning, double leastRate, boolean normed) {

        public Choices {
            if (rank < 1 || !(turning > 0 && turning <= 1) || !(leastRate >= 0)) {
                throw new IllegalArgumentException("mamba-3: needs a positive rank, a share of turning states up to 1"
                        + " and a least rate, got " + rank + ", " + turning + " and " + leastRate);
            }
        }

        /// One vector, half of the states turn, rates of at least 1e-4, no norm.
        public static Choices defaults() {
            return new Choices(1, 0.5, 1e-4, false);
        }

        /// The same of rank 4.
        public static Choices multiple() {
            return new Choices(4, 0.5, 1e-4, false);
        }
    }

    /// What the mixer knows of the past.
    ///
    /// @param angles `[b, h, s]`, in float32 also where the model is bfloat16
    /// @param states `[b, h, p, n]`
    /// @param keys `[b, r, h, n]`, the last vectors `k`
    /// @param values `[b, h, p]`, the last `x`
    public record State(Tensor angles, Tensor states, Tensor keys, Tensor values) {}

    public Mamba3(Form form, RandomStream random) {
        this(form, 1, random);
    }

    /// @param layers mixers that add to the same stream: the first weights of `out_proj` shrink with its root
    public Mamba3(Form form, int layers, RandomStream random) {
        if (layers < 1) {
            throw new IllegalArgumentException("mamba-3: needs at least one layer, got " + layers);
        }
        this.form = form;
        long heads = form.heads();
        int rank = form.choices().rank();
        stepBias =
                parameter("dt_bias", FirstSteps.BIASES.make(DType.FLOAT32, Shape.of(heads), random.split("dt_bias")));
        keyBias = parameter("B_bias", Tensor.ones(heads, rank, form.states()));
        queryBias = parameter("C_bias", Tensor.ones(heads, rank, form.states()));
        rankIn = ranked("mimo_x", 1.0 / rank);
        rankGate = ranked("mimo_z", 1);
        rankOut = ranked("mimo_o", 1.0 / rank);
        skip = parameter("D", Tensor.ones(heads));
        long projected = 2 * form.channels() + 2 * form.shared() + 3 * heads + form.angles();
        inProjection = child("in_proj", new Linear(form.width(), projected, false, random.split("in_proj")));
        keyNorm = child("B_norm", new RmsNorm(form.states(), EPSILON));
        queryNorm = child("C_norm", new RmsNorm(form.states(), EPSILON));
        norm = form.choices().normed() ? child("norm", new GatedRmsNorm(form.channels(), heads, true)) : null;
        Initializer outWeight = (dtype, shape, stream) ->
                Initializer.fanInUniform().make(dtype, shape, stream).div(Math.sqrt(layers));
        outProjection =
                child("out_proj", new Linear(form.channels(), form.width(), null, outWeight, random.split("out_proj")));
    }

    private Parameter ranked(String name, double first) {
        int rank = form.choices().rank();
        return rank == 1
                ? null
                : parameter(
                        name,
                        Tensor.full(first, Device.current(), DType.FLOAT32, form.heads(), rank, form.headWidth()));
    }

    @Override
    public State start(long batch) {
        Tensor like = skip.value();
        Device device = like.device();
        long heads = form.heads();
        return new State(
                Tensor.full(0, device, precise(like.dtype()), batch, heads, form.angles()),
                Tensor.full(0, device, like.dtype(), batch, heads, form.headWidth(), form.states()),
                Tensor.full(0, device, like.dtype(), batch, form.choices().rank(), heads, form.states()),
                Tensor.full(0, device, like.dtype(), batch, heads, form.headWidth()));
    }

    /// What angles are computed in.
    private static DType precise(DType dtype) {
        return dtype == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }

    @Override
    public Step<State> run(Tensor x, State state) {
        check(x);
        if (x.extent(1) == 0) {
            return new Step<>(x, state);
        }
        Parts parts = parts(x, state.angles());
        StateSpaceDual.Scanned scanned =
                parts.recurrence().scan(state.states(), ranked(rankIn, state.values()), state.keys(), form.chunk());
        State after = new State(
                parts.turn().last(), scanned.last(), last(parts.recurrence().keys()), last(parts.values()));
        return new Step<>(result(x, parts, scanned.y()), after);
    }

    @Override
    protected Tensor forward(Tensor x) {
        check(x);
        if (x.extent(1) == 0) {
            return x;
        }
        Parts parts = parts(x, null);
        return result(x, parts, parts.recurrence().result(form.chunk()));
    }

    private void check(Tensor x) {
        if (x.rank() != 3 || x.extent(2) != form.width()) {
            throw new IllegalArgumentException("mamba-3: needs x [b, t, " + form.width() + "], got " + x.shape());
        }
    }

    private static Tensor last(Tensor x) {
        return x.slice(1, x.extent(1) - 1, x.extent(1)).squeeze(1);
    }

    /// What the projections become before the recurrence.
    ///
    /// @param values `x [b, t, h, p]`
    private record Parts(Tensor values, Turn turn, Trapezoid recurrence) {}

    private Parts parts(Tensor x, Tensor angles) {
        long heads = form.heads();
        Choices choices = form.choices();
        Tensor values = heads(inProjection.some(x, form.channels(), form.channels()));
        Tensor rest = inProjection.some(x, 2 * form.channels() + 2 * form.shared(), 3 * heads + form.angles());
        Tensor steps = Softplus.softplus(rest.slice(2, 0, heads).add(stepBias.value()));
        Tensor rates = Clamp.clamp(
                        growing(rest.slice(2, heads, 2 * heads)), choices.leastRate(), Double.POSITIVE_INFINITY)
                .neg();
        Tensor now = rest.slice(2, 2 * heads, 3 * heads).sigmoid().mul(steps);
        DType precise = precise(x.dtype());
        Tensor by = rest.slice(2, 3 * heads, 3 * heads + form.angles())
                .to(precise)
                .tanh()
                .mul(Math.PI);
        Turn turn = Turn.of(angles, steps.to(precise).unsqueeze(3).mul(by.unsqueeze(2)), choices.rank() == 1);
        Trapezoid recurrence = new Trapezoid(
                ranked(rankIn, values),
                turn.apply(vectors(x, 0, keyNorm, keyBias)),
                turn.apply(vectors(x, 1, queryNorm, queryBias)),
                rates.mul(steps),
                now,
                steps.sub(now));
        return new Parts(values, turn, recurrence);
    }

    /// `1 + x` above 0 and `1/(1 − x)` below.
    private static Tensor growing(Tensor x) {
        Tensor above = x.relu();
        return above.add(1).div(above.sub(x).add(1));
    }

    private Tensor heads(Tensor x) {
        return x.reshape(x.extent(0), x.extent(1), form.heads(), form.headWidth());
    }

    /// The vectors of each head before they are turned: `B` (0) or `C` (1), `[b, t, r, h, n]`.
    private Tensor vectors(Tensor x, long which, RmsNorm normed, Parameter bias) {
        long rank = form.choices().rank();
        long groups = form.groups();
        long states = form.states();
        Tensor raw = inProjection.some(x, 2 * form.channels() + which * form.shared(), form.shared());
        long[] shape = {x.extent(0), x.extent(1), rank, groups, 1, states};
        long[] spread = {x.extent(0), x.extent(1), rank, groups, form.heads() / groups, states};
        return normed.apply(raw.reshape(shape))
                .expand(spread)
                .reshape(x.extent(0), x.extent(1), rank, form.heads(), states)
                .add(bias.value().transpose(0, 1));
    }

    /// `x` for each vector of a head: `[..., h, p] → [..., r, h, p]`
    private static Tensor ranked(Parameter factors, Tensor x) {
        Tensor one = x.unsqueeze(x.rank() - 2);
        return factors == null ? one : one.mul(factors.value().transpose(0, 1));
    }

    private Tensor result(Tensor x, Parts parts, Tensor scanned) {
        Tensor y = scanned.add(parts.recurrence().values().mul(skip.value().unsqueeze(1)));
        Tensor z = ranked(rankGate, heads(inProjection.some(x, 0, form.channels())));
        Tensor gated = norm == null ? y.mul(Silu.silu(z)) : normed(y, z);
        Tensor summed = rankOut == null
                ? gated
                : gated.mul(rankOut.value().transpose(0, 1)).sum(2);
        return outProjection.apply(summed.reshape(x.extent(0), x.extent(1), form.channels()));
    }

    private Tensor normed(Tensor y, Tensor z) {
        long[] flat = {y.extent(0), y.extent(1), y.extent(2), form.channels()};
        return norm.apply(y.reshape(flat), z.reshape(flat)).reshape(y.shape().toArray());
    }
}
