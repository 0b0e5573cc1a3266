package org.lehr.engine.nn.hybrid;

import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.tensor.Tensor;

/// A layer of Zamba's backbone: `x + mixer(norm(x + s))`, where what attention says, `s`, reaches the mixer alone.
/// Names `input_layernorm` and `mamba`. `x [b, t, n] → [b, t, n]`
///
/// @param <S> the state of the mixer
final class MixerLayer<S> extends Module {

    private final RmsNorm norm;
    private final SequenceLayer<S> mixer;

    MixerLayer(long width, SequenceLayer<S> mixer) {
        norm = child("input_layernorm", new RmsNorm(width, 1e-5));
        this.mixer = child("mamba", mixer);
    }

    S start(long batch) {
        return mixer.start(batch);
    }

    /// @param s what attention says, null where none is asked
    Tensor apply(Tensor x, Tensor s) {
        return x.add(mixer.apply(input(x, s)));
    }

    Step<S> run(Tensor x, Tensor s, S state) {
        Step<S> mixed = mixer.run(input(x, s), state);
        return new Step<>(x.add(mixed.y()), mixed.state());
    }

    private Tensor input(Tensor x, Tensor s) {
        return norm.apply(s == null ? x : x.add(s));
    }
}
