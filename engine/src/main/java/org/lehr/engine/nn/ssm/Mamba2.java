package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Silu;
import org.lehr.engine.tensor.op.Softplus;
import org.lehr.engine.tensor.op.StateSpaceDual;
import org.lehr.kernels.DType;

/// The mixer of Mamba-2 (Dao, Gu 2024), with the parameter names and the initial values of its reference:
/// `z, xBC, dt = in_proj`; a short convolution of `x`, `B` and `C`; for each head the recurrence
/// `s[t] = exp(Δ·A)·s[t − 1] + Δ·x⊗B`, `y = s·C + D·x` with one rate `A` and widths of steps `Δ = softplus(dt +
/// dt_bias)`; a gated norm; `out_proj`. `x [b, t, width] → [b, t, width]`
///
/// Rates are `A = −exp(A_log)`. The first widths of steps are spread logarithmically over `[0.001, 0.1]`.
public final class Mamba2 extends SequenceLayer<Mamba2.State> {

    private final Form form;
    private final Parameter stepBias;
    private final Parameter logRates;
    private final Parameter skip;

    /// Its outputs are in the order `z₀, x₀, z, xBC, dt`.
    private final Linear inProjection;

    private final ShortConvolution convolution;
    private final GatedRmsNorm norm;
    private final Linear outProjection;

    /// The sizes of a mixer.
    ///
    /// @param width width of the stream
    /// @param states numbers of a channel's state
    /// @param taps times that the short convolution sees
    /// @param expand channels for each of `width`
    /// @param headWidth channels that share a rate and a width of steps
    /// @param groups parts of the heads that have a `B` and a `C` each
    /// @param chunk times that are worked on together; see [StateSpaceDual]
    public record Form(
            long width, long states, long taps, long expand, long headWidth, long groups, int chunk, Choices choices)
            implements MixerForm<State> {

        private static final long USUAL_STATES = 128;
        private static final long LEAST_STATES = 16;
        private static final long USUAL_HEAD_WIDTH = 64;
        private static final long LEAST_HEADS = 4;

        public Form {
            if (width < 1 || states < 1 || taps < 1 || expand < 1 || headWidth < 1 || groups < 1 || chunk < 1) {
                throw new IllegalArgumentException("mamba-2: sizes must be positive, got width " + width + ", states "
                        + states + ", taps " + taps + ", expand " + expand + ", head width " + headWidth + ", groups "
                        + groups + ", chunk " + chunk);
            }
            long channels = expand * width - choices.gated();
            if (channels < 1 || channels % headWidth != 0 || channels / headWidth % groups != 0) {
                throw new IllegalArgumentException("mamba-2: " + channels + " channels are no heads of " + headWidth
                        + " in " + groups + " groups");
            }
        }

        /// The sizes of the paper: 128 states, 4 taps, twice as many channels as `width`, heads of 64 and one
        /// group. Narrow models have a quarter of the width as states, but 16 at least, and at least 4 heads.
        public static Form of(long width) {
            long channels = 2 * width;
            long states = Math.clamp(Long.highestOneBit(width / 4), LEAST_STATES, USUAL_STATES);
            long most = Math.clamp(Long.highestOneBit(channels / LEAST_HEADS), 1, USUAL_HEAD_WIDTH);
            long headWidth = Math.min(most, Long.lowestOneBit(Math.max(channels, 1)));
            return new Form(width, states, 4, 2, headWidth, 1, StateSpaceDual.CHUNK, Choices.defaults());
        }

        long channels() {
            return expand * width - choices.gated();
        }

        long heads() {
            return channels() / headWidth;
        }

        /// Channels that the convolution sees.
        long convolved() {
            return channels() + 2 * groups * states;
        }

        @Override
        public Mamba2 mixer(int layers, RandomStream random) {
            return new Mamba2(this, layers, random);
        }

        /// A number of a state costs five operations: it decays, is added to and read.
        @Override
        public double recurrenceFlops() {
            return 5.0 * channels() * states;
        }
    }

    /// What differs between models of this kind.
    ///
    /// @param rates what rates begin with
    /// @param gate how the result is gated and normed
    /// @param channelSkips whether `D` is a number for each channel; else for each head
    /// @param gated channels that are a gated linear map `x₀·z₀·σ(z₀)` beside the recurrence
    /// @param leastStep the least width of a step
    /// @param largestStep the greatest width of a step, +∞ for none
    public record Choices(
            FirstDecays rates, Gate gate, boolean channelSkips, long gated, double leastStep, double largestStep) {

        public Choices {
            if (gated < 0 || !(leastStep >= 0 && leastStep <= largestStep)) {
                throw new IllegalArgumentException("mamba-2: needs a number of gated channels and an interval of steps,"
                        + " got " + gated + " and [" + leastStep + ", " + largestStep + "]");
            }
        }

        /// Uniform rates, the norm after the gate, skips for heads, nothing beside the recurrence, any steps.
        public static Choices defaults() {
            return new Choices(FirstDecays.UNIFORM, Gate.THEN_NORM, false, 0, 0, Double.POSITIVE_INFINITY);
        }
    }

    /// The first rates of heads.
    public enum FirstDecays {
        /// Random, evenly in `[1, 16)`.
        UNIFORM,
        /// 1, 2, 3, ...
        COUNTED
    }

    /// How the result of the recurrence is gated by `z`.
    public enum Gate {
        /// `y·z·σ(z)`, then a norm over each group.
        THEN_NORM,
        /// A norm over each group, then `·z·σ(z)`.
        AFTER_NORM,
        /// `y·z·σ(z)` without a norm.
        ALONE
    }

    /// What the mixer knows of the past.
    ///
    /// @param inputs `[b, taps − 1, channels + 2·groups·states]`, the last inputs of the convolution
    /// @param states `[b, h, p, n]`
    public record State(Tensor inputs, Tensor states) {}

    public Mamba2(Form form, RandomStream random) {
        this(form, 1, random);
    }

    /// @param layers mixers that add to the same stream: the first weights of `out_proj` shrink with its root
    public Mamba2(Form form, int layers, RandomStream random) {
        if (layers < 1) {
            throw new IllegalArgumentException("mamba-2: needs at least one layer, got " + layers);
        }
        this.form = form;
        Choices choices = form.choices();
        long channels = form.channels();
        long heads = form.heads();
        stepBias =
                parameter("dt_bias", FirstSteps.BIASES.make(DType.FLOAT32, Shape.of(heads), random.split("dt_bias")));
        logRates = parameter("A_log", logRates(choices.rates(), heads, random.split("A_log")));
        skip = parameter(
                "D", Tensor.full(1, Device.current(), DType.FLOAT32, choices.channelSkips() ? channels : heads));
        long projected = 2 * choices.gated() + channels + form.convolved() + heads;
        inProjection = child("in_proj", new Linear(form.width(), projected, false, random.split("in_proj")));
        convolution = child("conv1d", new ShortConvolution(form.convolved(), form.taps(), random.split("conv1d")));
        norm = choices.gate() == Gate.ALONE
                ? null
                : child("norm", new GatedRmsNorm(channels, form.groups(), choices.gate() == Gate.AFTER_NORM));
        Initializer outWeight = (dtype, shape, stream) ->
                Initializer.fanInUniform().make(dtype, shape, stream).div(Math.sqrt(layers));
        outProjection = child(
                "out_proj",
                new Linear(form.expand() * form.width(), form.width(), null, outWeight, random.split("out_proj")));
    }

    private static Tensor logRates(FirstDecays first, long heads, RandomStream random) {
        double[] rates = random.uniform(DType.FLOAT64, heads).toDoubleArray();
        for (int i = 0; i < rates.length; i++) {
            rates[i] = StrictMath.log(
                    switch (first) {
                        case UNIFORM -> 1 + 15 * rates[i];
                        case COUNTED -> i + 1;
                    });
        }
        return Tensor.of(rates, heads).to(DType.FLOAT32);
    }

    @Override
    public State start(long batch) {
        Tensor like = skip.value();
        Tensor states =
                Tensor.full(0, like.device(), like.dtype(), batch, form.heads(), form.headWidth(), form.states());
        return new State(convolution.start(batch), states);
    }

    @Override
    public Step<State> run(Tensor x, State state) {
        Step<Tensor> convolved = convolution.run(unconvolved(x), state.inputs());
        StateSpaceDual.Scanned scanned =
                StateSpaceDual.scan(inputs(x, convolved.y(), state.states(), null), form.chunk());
        return new Step<>(result(x, convolved.y(), scanned.y()), new State(convolved.state(), scanned.last()));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor convolved = convolution.apply(unconvolved(x));
        return result(x, convolved, StateSpaceDual.stateSpaceDual(inputs(x, convolved, null, null), form.chunk()));
    }

    @Override
    public Tensor packed(Tensor x, Tensor sequence) {
        requirePacked(x, sequence);
        Tensor convolved = convolution.packed(unconvolved(x), sequence);
        return result(x, convolved, StateSpaceDual.stateSpaceDual(inputs(x, convolved, null, sequence), form.chunk()));
    }

    private Tensor unconvolved(Tensor x) {
        if (x.rank() != 3 || x.extent(2) != form.width()) {
            throw new IllegalArgumentException("mamba-2: needs x [b, t, " + form.width() + "], got " + x.shape());
        }
        return inProjection.some(x, 2 * form.choices().gated() + form.channels(), form.convolved());
    }

    /// `x` of each head, `[b, t, h, p]`.
    private Tensor heads(Tensor convolved) {
        return convolved
                .slice(2, 0, form.channels())
                .reshape(convolved.extent(0), convolved.extent(1), form.heads(), form.headWidth());
    }

    private StateSpaceDual.Inputs inputs(Tensor x, Tensor convolved, Tensor start, Tensor sequence) {
        Choices choices = form.choices();
        long channels = form.channels();
        long shared = form.groups() * form.states();
        Tensor raw = inProjection.some(x, 2 * choices.gated() + channels + form.convolved(), form.heads());
        Tensor steps = Softplus.softplus(raw.add(stepBias.value()));
        if (choices.leastStep() > 0 || choices.largestStep() < Double.POSITIVE_INFINITY) {
            steps = Clamp.clamp(steps, choices.leastStep(), choices.largestStep());
        }
        long[] groups = {x.extent(0), x.extent(1), form.groups(), form.states()};
        return new StateSpaceDual.Inputs(
                heads(convolved).mul(steps.unsqueeze(3)),
                steps.mul(logRates.value().exp().neg()),
                convolved.slice(2, channels, channels + shared).reshape(groups),
                convolved.slice(2, channels + shared, channels + 2 * shared).reshape(groups),
                start,
                sequence);
    }

    private Tensor result(Tensor x, Tensor convolved, Tensor scanned) {
        Choices choices = form.choices();
        long channels = form.channels();
        long gated = choices.gated();
        Tensor skips = skip.value().reshape(form.heads(), choices.channelSkips() ? form.headWidth() : 1);
        Tensor y = scanned.add(heads(convolved).mul(skips)).reshape(x.extent(0), x.extent(1), channels);
        Tensor z = inProjection.some(x, 2 * gated, channels);
        Tensor mixed = norm == null ? y.mul(Silu.silu(z)) : norm.apply(y, z);
        if (gated > 0) {
            Tensor beside = inProjection.some(x, gated, gated).mul(Silu.silu(inProjection.some(x, 0, gated)));
            mixed = Concat.concat(2, beside, mixed);
        }
        return outProjection.apply(mixed);
    }
}
