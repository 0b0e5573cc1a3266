package org.lehr.engine.nn.hybrid;

import java.util.function.Function;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A mixer over time and, if wanted, a gated feed-forward layer, each on a normalised copy of the stream that it adds
/// to. Names `norm`, `mixer`, `norm2`, `mlp`. `x [b, t, n] → [b, t, n]`
///
/// @param <S> the state of the mixer
public final class HybridBlock<S> extends SequenceLayer<S> {

    private static final double EPSILON = 1e-5;

    private final RmsNorm norm;
    private final SequenceLayer<S> mixer;
    private final RmsNorm mlpNorm;
    private final Mlp mlp;

    /// @param hidden inner width of the feed-forward layer, 0 for none
    /// @param output how the last weights of the feed-forward layer begin
    public HybridBlock(
            long width,
            long hidden,
            Initializer output,
            Function<RandomStream, SequenceLayer<S>> mixer,
            RandomStream random) {
        norm = child("norm", new RmsNorm(width, EPSILON));
        this.mixer = child("mixer", mixer.apply(random.split("mixer")));
        mlpNorm = hidden == 0 ? null : child("norm2", new RmsNorm(width, EPSILON));
        mlp = hidden == 0
                ? null
                : child(
                        "mlp",
                        new Mlp(
                                width,
                                new Mlp.Form(hidden, Activation.SILU, true, false),
                                Mlp.Names.LLAMA,
                                Initializer.normal(0.02),
                                output,
                                random.split("mlp")));
    }

    @Override
    public S start(long batch) {
        return mixer.start(batch);
    }

    @Override
    public Step<S> run(Tensor x, S state) {
        Step<S> mixed = mixer.run(norm.apply(x), state);
        return new Step<>(fed(x.add(mixed.y())), mixed.state());
    }

    @Override
    protected Tensor forward(Tensor x) {
        return fed(x.add(mixer.apply(norm.apply(x))));
    }

    private Tensor fed(Tensor x) {
        return mlp == null ? x : x.add(mlp.apply(mlpNorm.apply(x)));
    }
}
