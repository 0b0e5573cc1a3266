package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// One diagonal state-space model with many inputs and outputs (Smith, Warrington, Linderman 2023, "S5"), discretised
/// with zero-order hold: `h[t] = e^(ΔΛ)∘h[t − 1] + (e^(ΔΛ) − 1)/Λ∘(B·u[t])`, `y[t] = 2·Re(C·h[t]) + D∘u[t]`.
/// `u [b, t, c] → [b, t, c]`
///
/// Parameters: `Lambda_re [p]` before its [Reparametrization], `Lambda_im [p]`, `B [p, c, 2]`, `C [c, p, 2]`,
/// `D [c]`, `log_step [p]`. The state is `[b, p, 2]`.
public final class DiagonalScan extends SequenceLayer<Tensor> {

    private final Form form;
    private final Parameter rates;
    private final Parameter turns;
    private final Parameter writing;
    private final Parameter reading;
    private final Parameter skip;
    private final Parameter logSteps;

    /// The shape of a layer.
    ///
    /// @param channels width of the stream
    /// @param states complex numbers of the state, conjugates left out
    /// @param first what rates begin with
    /// @param rates the reparametrization of their real parts, a continuous one
    public record Form(long channels, long states, FirstRates first, Reparametrization rates) {

        public Form {
            if (channels < 1 || states < 1) {
                throw new IllegalArgumentException("diagonal scan: sizes must be positive, got " + channels
                        + " channels and " + states + " states");
            }
        }

        /// As many states as half the channels, HiPPO rates, exponential.
        public static Form of(long channels) {
            return new Form(channels, Math.ceilDiv(channels, 2), FirstRates.HIPPO, Reparametrization.EXPONENTIAL);
        }
    }

    public DiagonalScan(Form form, RandomStream random) {
        this.form = form;
        long channels = form.channels();
        long states = form.states();
        FirstRates.Values first = form.first().of(Math.toIntExact(states), true, random.split("rates"));
        double[] weights = first.re().clone();
        for (int j = 0; j < weights.length; j++) {
            weights[j] = form.rates().inverse(weights[j]);
        }
        rates = parameter("Lambda_re", Tensor.of(weights, states).to(DType.FLOAT32));
        turns = parameter("Lambda_im", Tensor.of(first.im(), states).to(DType.FLOAT32));
        writing = parameter(
                "B",
                Initializer.normal(1 / Math.sqrt(2.0 * channels))
                        .make(DType.FLOAT32, Shape.of(states, channels, 2), random.split("B")));
        reading = parameter(
                "C",
                Initializer.normal(1 / Math.sqrt(2.0 * states))
                        .make(DType.FLOAT32, Shape.of(channels, states, 2), random.split("C")));
        skip = parameter("D", Tensor.full(1, Device.current(), DType.FLOAT32, channels));
        Tensor spread = random.split("log_step").uniform(DType.FLOAT32, states);
        logSteps = parameter("log_step", spread.mul(StrictMath.log(100)).add(StrictMath.log(1e-3)));
    }

    private SharedModes modes() {
        Tensor a = Pairs.of(form.rates().apply(rates.value()), turns.value());
        Tensor factors = Pairs.exp(a.mul(logSteps.value().exp().unsqueeze(1)));
        Tensor held = Pairs.quotient(Pairs.minusOne(factors), a);
        return new SharedModes(factors, held, writing.value(), reading.value(), skip.value(), 2);
    }

    @Override
    public Tensor start(long batch) {
        return modes().start(batch);
    }

    @Override
    public Step<Tensor> run(Tensor u, Tensor state) {
        return modes().scanned(u, state);
    }
}
