package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A mixer on a normalised copy of the stream that it adds to. `x [b, t, n] → [b, t, n]`
///
/// @param <S> the state of the mixer
public final class MambaBlock<S> extends SequenceLayer<S> {

    private static final double EPSILON = 1e-5;

    private final RmsNorm norm;
    private final SequenceLayer<S> mixer;

    /// @param layers blocks of the model
    public MambaBlock(MixerForm<S> form, int layers, RandomStream random) {
        norm = child("norm", new RmsNorm(form.width(), EPSILON));
        mixer = child("mixer", form.mixer(layers, random.split("mixer")));
    }

    @Override
    public S start(long batch) {
        return mixer.start(batch);
    }

    @Override
    public Step<S> run(Tensor x, S state) {
        Step<S> mixed = mixer.run(norm.apply(x), state);
        return new Step<>(x.add(mixed.y()), mixed.state());
    }

    @Override
    public Tensor packed(Tensor x, Tensor sequence) {
        return x.add(mixer.packed(norm.apply(x), sequence));
    }

    @Override
    protected Tensor forward(Tensor x) {
        return x.add(mixer.apply(norm.apply(x)));
    }
}
