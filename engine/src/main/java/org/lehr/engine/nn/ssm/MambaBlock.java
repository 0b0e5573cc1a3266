package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A [Mamba] mixer on a normalised copy of the stream that it adds to. `x [b, t, n] → [b, t, n]`
public final class MambaBlock extends SequenceLayer<Mamba.State> {

    private static final double EPSILON = 1e-5;

    private final RmsNorm norm;
    private final Mamba mixer;

    /// @param layers blocks of the model
    public MambaBlock(Mamba.Form form, int layers, RandomStream random) {
        norm = child("norm", new RmsNorm(form.width(), EPSILON));
        mixer = child("mixer", new Mamba(form, layers, random.split("mixer")));
    }

    @Override
    public Mamba.State start(long batch) {
        return mixer.start(batch);
    }

    @Override
    public Step<Mamba.State> run(Tensor x, Mamba.State state) {
        Step<Mamba.State> mixed = mixer.run(norm.apply(x), state);
        return new Step<>(x.add(mixed.y()), mixed.state());
    }

    @Override
    protected Tensor forward(Tensor x) {
        return x.add(mixer.apply(norm.apply(x)));
    }
}
