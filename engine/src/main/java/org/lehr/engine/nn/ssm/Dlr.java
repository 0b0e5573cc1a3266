package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A diagonal linear recurrent network (Gupta, Mehta, Berant 2022), a state-space model without discretisation and
/// without structure in its first values: `h[t] = λ∘h[t − 1] + u[t]`, `y = Re Σ_n W·h + D·u`, with
/// `λ = exp(−a² + i·ω)` shared by all channels. `u [b, t, c] → [b, t, c]`
///
/// Parameters: `Lambda [n, 2]` with `a` and `ω`, `W [c, n, 2]`, `D [c]`. At first the `λ` stand on circles just
/// inside the unit circle, all around. The state is `[b, c, n, 2]`.
public final class Dlr extends SequenceLayer<Tensor> {

    private final long channels;
    private final long states;
    private final Parameter lambda;
    private final Parameter reading;
    private final Parameter skip;

    public Dlr(long channels, long states, RandomStream random) {
        if (channels < 1 || states < 1) {
            throw new IllegalArgumentException(
                    "DLR: sizes must be positive, got " + channels + " channels of " + states + " states");
        }
        this.channels = channels;
        this.states = states;
        double[] sizes = random.split("a").uniform(DType.FLOAT64, states).toDoubleArray();
        double[] first = new double[Math.toIntExact(2 * states)];
        for (int j = 0; j < states; j++) {
            first[2 * j] = Math.sqrt(1e-3 + 0.1 * sizes[j]);
            first[2 * j + 1] = 2 * Math.PI * j / states;
        }
        lambda = parameter("Lambda", Tensor.of(first, states, 2).to(DType.FLOAT32))
                .withoutDecay();
        reading = parameter(
                "W",
                Initializer.normal(1 / Math.sqrt(states))
                        .make(DType.FLOAT32, Shape.of(channels, states, 2), random.split("W")));
        skip = parameter("D", Tensor.full(1, Device.current(), DType.FLOAT32, channels));
    }

    private Modes modes() {
        Tensor value = lambda.value();
        Tensor exponents = Pairs.of(Pairs.re(value).square().neg(), Pairs.im(value));
        return new Modes(exponents.unsqueeze(0).expand(channels, states, 2), reading.value(), skip.value(), 1);
    }

    @Override
    public Tensor start(long batch) {
        return modes().start(batch);
    }

    @Override
    public Step<Tensor> run(Tensor u, Tensor state) {
        return modes().scanned(u, state);
    }

    @Override
    protected Tensor forward(Tensor u) {
        requireSequence(u);
        return u.extent(1) == 0 ? u : modes().filtered(u);
    }
}
