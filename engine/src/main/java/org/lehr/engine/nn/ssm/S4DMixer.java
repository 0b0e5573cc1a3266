package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Gelu;

/// [S4D] and what mixes its channels (Gu et al. 2022): `glu(W·gelu(S4D(x)) + b)`, where `glu` takes the first half
/// times
/// the sigmoid of the second. What it remembers does not depend on what it reads. `x [b, t, n] → [b, t, n]`
public final class S4DMixer extends SequenceLayer<Tensor> {

    private final long width;
    private final S4D filter;
    private final Linear output;

    /// The shape of a mixer.
    ///
    /// @param filter the shape of the filters; its channels are the width of the stream
    public record Form(S4D.Form filter) implements MixerForm<Tensor> {

        @Override
        public long width() {
            return filter.channels();
        }

        @Override
        public S4DMixer mixer(int layers, RandomStream random) {
            return new S4DMixer(this, layers, random);
        }

        /// As time by time; a complex number counts four products.
        @Override
        public double recurrenceFlops() {
            return (filter.complex() ? 12.0 : 4.0) * filter.channels() * filter.states();
        }
    }

    /// @param layers mixers that add to the same stream: the first weights of the output shrink with its root
    public S4DMixer(Form form, int layers, RandomStream random) {
        if (layers < 1) {
            throw new IllegalArgumentException("S4D: needs at least one layer, got " + layers);
        }
        width = form.width();
        filter = child("s4d", new S4D(form.filter(), random.split("s4d")));
        Initializer weight = (dtype, shape, stream) ->
                Initializer.fanInUniform().make(dtype, shape, stream).div(Math.sqrt(layers));
        output = child("output", new Linear(width, 2 * width, Initializer.constant(0), weight, random.split("output")));
    }

    @Override
    public Tensor start(long batch) {
        return filter.start(batch);
    }

    @Override
    public Step<Tensor> run(Tensor x, Tensor state) {
        Step<Tensor> filtered = filter.run(x, state);
        return new Step<>(mixed(filtered.y()), filtered.state());
    }

    @Override
    protected Tensor forward(Tensor x) {
        return mixed(filter.apply(x));
    }

    private Tensor mixed(Tensor y) {
        Tensor both = output.apply(Gelu.gelu(y));
        return both.slice(2, 0, width).mul(both.slice(2, width, 2 * width).sigmoid());
    }
}
