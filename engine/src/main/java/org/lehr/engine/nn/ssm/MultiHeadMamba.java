package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.SelectiveScan;
import org.lehr.kernels.DType;

/// The mixer of Zamba (Glorioso et al. 2024): [Mamba] whose channels are cut into heads that choose their steps, `B`
/// and `C` each from its own channels, under the parameter names of its public checkpoint. With one head it is
/// [Mamba]. `x [b, t, width] → [b, t, width]`
///
/// Parameters for `h` heads of `e` channels: `x_proj_weight [h, rank + 2n, e]`, `dt_proj_weight [h, e, rank]`,
/// `dt_proj_bias [h, e]`, `A_log [h, e, n]`, `D [h, e]`; of `in_proj [2·channels, width]` the even rows make what is
/// scanned and the odd ones the gate. First values are those of [Mamba].
public final class MultiHeadMamba extends SequenceLayer<Mamba.State> {

    private final Mamba.Form form;
    private final long heads;
    private final Linear inProjection;
    private final ShortConvolution convolution;
    private final Parameter choice;
    private final Parameter stepWeight;
    private final Parameter stepBias;
    private final Parameter logRates;
    private final Parameter skip;
    private final Linear outProjection;

    /// The sizes of a mixer.
    ///
    /// @param all the sizes of the mixer as a whole; its rank is that of each head
    /// @param heads a divisor of the channels
    public record Form(Mamba.Form all, long heads) implements MixerForm<Mamba.State> {

        public Form {
            if (heads < 1 || all.channels() % heads != 0) {
                throw new IllegalArgumentException("multi-head mamba: needs heads that divide the channels, got "
                        + heads + " heads, " + all.channels() + " channels");
            }
        }

        @Override
        public long width() {
            return all.width();
        }

        @Override
        public MultiHeadMamba mixer(int layers, RandomStream random) {
            return new MultiHeadMamba(this, layers, random);
        }

        @Override
        public double recurrenceFlops() {
            return all.recurrenceFlops();
        }
    }

    /// @param layers mixers that add to the same stream: the first weights of `out_proj` shrink with its root
    public MultiHeadMamba(Form sizes, int layers, RandomStream random) {
        if (layers < 1) {
            throw new IllegalArgumentException("multi-head mamba: needs at least one layer, got " + layers);
        }
        form = sizes.all();
        heads = sizes.heads();
        long channels = form.channels();
        long each = channels / heads;
        long chosen = form.rank() + 2 * form.states();
        inProjection = child("in_proj", new Linear(form.width(), 2 * channels, false, random.split("in_proj")));
        convolution = child("conv1d", new ShortConvolution(channels, form.taps(), random.split("conv1d")));
        choice = parameter(
                "x_proj_weight",
                Initializer.uniform(1 / Math.sqrt(channels))
                        .make(DType.FLOAT32, Shape.of(heads, chosen, each), random.split("x_proj")));
        RandomStream steps = random.split("dt_proj");
        stepWeight = parameter(
                "dt_proj_weight",
                Initializer.uniform(1 / Math.sqrt(form.rank()))
                        .make(DType.FLOAT32, Shape.of(heads, each, form.rank()), steps.split("weight")));
        stepBias = parameter(
                        "dt_proj_bias",
                        FirstSteps.BIASES.make(DType.FLOAT32, Shape.of(heads, each), steps.split("bias")))
                .withoutDecay();
        logRates = parameter("A_log", Mamba.logRates(channels, form.states()).reshape(heads, each, form.states()))
                .withoutDecay();
        skip = parameter("D", Tensor.full(1, Device.current(), DType.FLOAT32, heads, each))
                .withoutDecay();
        Initializer outWeight = (dtype, shape, stream) ->
                Initializer.fanInUniform().make(dtype, shape, stream).div(Math.sqrt(layers));
        outProjection =
                child("out_proj", new Linear(channels, form.width(), null, outWeight, random.split("out_proj")));
    }

    @Override
    public Mamba.State start(long batch) {
        Tensor like = skip.value();
        Tensor states = Tensor.full(0, like.device(), like.dtype(), batch, form.channels(), form.states());
        return new Mamba.State(convolution.start(batch), states);
    }

    @Override
    public Step<Mamba.State> run(Tensor x, Mamba.State state) {
        Step<Tensor> convolved = convolution.run(part(x, 0), state.inputs());
        SelectiveScan.Scanned scanned = SelectiveScan.scan(inputs(convolved.y(), part(x, 1), state.states()), true);
        return new Step<>(outProjection.apply(scanned.y()), new Mamba.State(convolved.state(), scanned.last()));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor convolved = convolution.apply(part(x, 0));
        return outProjection.apply(SelectiveScan.selectiveScan(inputs(convolved, part(x, 1), null), true));
    }

    /// What the even (0) or odd (1) rows of `in_proj` make of `x`.
    private Tensor part(Tensor x, long which) {
        if (x.rank() != 3 || x.extent(2) != form.width()) {
            throw new IllegalArgumentException(
                    "multi-head mamba: needs x [b, t, " + form.width() + "], got " + x.shape());
        }
        Tensor rows = inProjection.weight().value().reshape(form.channels(), 2, form.width());
        Tensor weight = rows.slice(1, which, which + 1).squeeze(1);
        return org.lehr.engine.tensor.op.Linear.linear(x, weight, null);
    }

    private SelectiveScan.Inputs inputs(Tensor u, Tensor z, Tensor start) {
        long batch = u.extent(0);
        long times = u.extent(1);
        long channels = form.channels();
        long rank = form.rank();
        long states = form.states();
        Tensor byHead = u.reshape(batch * times, heads, channels / heads).transpose(0, 1);
        Tensor chosen = byHead.matmul(choice.value().transpose(1, 2));
        Tensor delta = chosen.slice(2, 0, rank).matmul(stepWeight.value().transpose(1, 2));
        return new SelectiveScan.Inputs(
                u,
                delta.transpose(0, 1).reshape(batch, times, channels),
                logRates.value().reshape(channels, states).exp().neg(),
                group(chosen.slice(2, rank, rank + states), batch, times),
                group(chosen.slice(2, rank + states, rank + 2 * states), batch, times),
                skip.value().reshape(channels),
                z,
                stepBias.value().reshape(channels),
                start,
                null);
    }

    /// `[h, b·t, n] → [b, t, h, n]`
    private Tensor group(Tensor shared, long batch, long times) {
        return shared.transpose(0, 1).reshape(batch, times, heads, form.states());
    }
}
