package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.SelectiveScan;
import org.lehr.kernels.DType;

/// The mixer of Mamba (Gu, Dao 2023), with the parameter names and the initial values of its reference:
/// `x, z = in_proj`; a short convolution of `x`; `dt, B, C = x_proj(x)`; a selective scan of widths
/// `softplus(dt_proj(dt))` with gate `z`; `out_proj`. `x [b, t, width] → [b, t, width]`
///
/// Rates are `A = −exp(A_log)`, at first −1, −2, ..., −n for every channel. The first widths of steps are spread
/// logarithmically over `[0.001, 0.1]`.
public final class Mamba extends SequenceLayer<Mamba.State> {

    private final Form form;
    private final Linear inProjection;
    private final ShortConvolution convolution;
    private final Linear xProjection;
    private final Linear stepProjection;
    private final Parameter logRates;
    private final Parameter skip;
    private final Linear outProjection;

    /// The sizes of a mixer.
    ///
    /// @param width width of the stream
    /// @param states numbers of each channel's state
    /// @param taps times that the short convolution sees
    /// @param expand channels for each of `width`
    /// @param rank inner width of the map to the widths of steps
    public record Form(long width, long states, long taps, long expand, long rank) implements MixerForm<State> {

        public Form {
            if (width < 1 || states < 1 || taps < 1 || expand < 1 || rank < 1) {
                throw new IllegalArgumentException("mamba: sizes must be positive, got width " + width + ", states "
                        + states + ", taps " + taps + ", expand " + expand + ", rank " + rank);
            }
        }

        /// 16 states, 4 taps, twice as many channels as `width`, and a rank of a 16th of it.
        public static Form of(long width) {
            return new Form(width, 16, 4, 2, Math.ceilDiv(width, 16));
        }

        /// What is scanned: `expand·width`.
        public long channels() {
            return expand * width;
        }

        @Override
        public Mamba mixer(int layers, RandomStream random) {
            return new Mamba(this, layers, random);
        }

        /// A state costs five operations and an exponential.
        @Override
        public double recurrenceFlops() {
            return 6.0 * channels() * states;
        }
    }

    /// What the mixer knows of the past.
    ///
    /// @param inputs `[b, taps − 1, channels]`, the last inputs of the convolution
    /// @param states `[b, channels, n]`
    public record State(Tensor inputs, Tensor states) {}

    public Mamba(Form form, RandomStream random) {
        this(form, 1, random);
    }

    /// @param layers mixers that add to the same stream: the first weights of `out_proj` shrink with its root
    public Mamba(Form form, int layers, RandomStream random) {
        if (layers < 1) {
            throw new IllegalArgumentException("mamba: needs at least one layer, got " + layers);
        }
        this.form = form;
        long channels = form.channels();
        long states = form.states();
        skip = parameter("D", Tensor.full(1, Device.current(), DType.FLOAT32, channels));
        logRates = parameter("A_log", logRates(channels, states)).withoutDecay();
        inProjection = child("in_proj", new Linear(form.width(), 2 * channels, false, random.split("in_proj")));
        convolution = child("conv1d", new ShortConvolution(channels, form.taps(), random.split("conv1d")));
        xProjection = child("x_proj", new Linear(channels, form.rank() + 2 * states, false, random.split("x_proj")));
        stepProjection = child(
                "dt_proj",
                new Linear(
                        form.rank(),
                        channels,
                        FirstSteps.BIASES,
                        Initializer.uniform(1 / Math.sqrt(form.rank())),
                        random.split("dt_proj")));
        Initializer outWeight = (dtype, shape, stream) ->
                Initializer.fanInUniform().make(dtype, shape, stream).div(Math.sqrt(layers));
        outProjection =
                child("out_proj", new Linear(channels, form.width(), null, outWeight, random.split("out_proj")));
    }

    static Tensor logRates(long channels, long states) {
        double[] row = new double[Math.toIntExact(states)];
        for (int j = 0; j < row.length; j++) {
            row[j] = StrictMath.log(j + 1);
        }
        return Tensor.of(row, 1, states).expand(channels, states).contiguous().to(DType.FLOAT32);
    }

    @Override
    public State start(long batch) {
        Tensor like = skip.value();
        Tensor states = Tensor.full(0, like.device(), like.dtype(), batch, form.channels(), form.states());
        return new State(convolution.start(batch), states);
    }

    @Override
    public Step<State> run(Tensor x, State state) {
        Step<Tensor> convolved = convolution.run(part(x, 0), state.inputs());
        SelectiveScan.Scanned scanned =
                SelectiveScan.scan(inputs(convolved.y(), part(x, 1), state.states(), null), true);
        return new Step<>(outProjection.apply(scanned.y()), new State(convolved.state(), scanned.last()));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor convolved = convolution.apply(part(x, 0));
        return outProjection.apply(SelectiveScan.selectiveScan(inputs(convolved, part(x, 1), null, null), true));
    }

    @Override
    public Tensor packed(Tensor x, Tensor sequence) {
        requirePacked(x, sequence);
        Tensor convolved = convolution.packed(part(x, 0), sequence);
        return outProjection.apply(SelectiveScan.selectiveScan(inputs(convolved, part(x, 1), null, sequence), true));
    }

    /// What `in_proj` makes of `x` for the scan (0) or the gate (1): as two products, so that neither has to be cut
    /// out of a larger array afterwards.
    private Tensor part(Tensor x, long which) {
        long channels = form.channels();
        if (x.rank() != 3 || x.extent(2) != form.width()) {
            throw new IllegalArgumentException("mamba: needs x [b, t, " + form.width() + "], got " + x.shape());
        }
        return inProjection.some(x, which * channels, channels);
    }

    private SelectiveScan.Inputs inputs(Tensor u, Tensor z, Tensor start, Tensor sequence) {
        long rank = form.rank();
        long states = form.states();
        Tensor chosen = xProjection.apply(u);
        Tensor delta = org.lehr.engine.tensor.op.Linear.linear(
                chosen.slice(2, 0, rank), stepProjection.weight().value(), null);
        return new SelectiveScan.Inputs(
                u,
                delta,
                logRates.value().exp().neg(),
                chosen.slice(2, rank, rank + states),
                chosen.slice(2, rank + states, rank + 2 * states),
                skip.value(),
                z,
                stepProjection.bias().value(),
                start,
                sequence);
    }
}
