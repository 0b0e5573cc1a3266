package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A diagonal state-space model for each channel (Gu et al. 2022), discretised with zero-order hold:
/// `K[t] = 2·Re Σ_n C·(e^(ΔA) − 1)/A·e^(ΔA·t)` and `y = K ∗ u + D·u`; real states without the `2·Re`.
/// `u [b, t, c] → [b, t, c]`
///
/// Parameters: `A_real [c, n]` before its [Reparametrization], `A_imag [c, n]`, `C [c, n, 2]` (real: `[c, n]`),
/// `log_dt [c]`, `D [c]`. The state is `[b, c, n, 2]`, or `[b, c, n]`.
public final class S4D extends SequenceLayer<Tensor> {

    private final Form form;
    private final Parameter rates;
    private final Parameter turns;
    private final Parameter reading;
    private final Parameter logSteps;
    private final Parameter skip;

    /// The shape of a layer.
    ///
    /// @param channels width of the stream
    /// @param states numbers of each channel's state; of complex ones the conjugates are left out
    /// @param complex whether states are complex
    /// @param first what rates begin with
    /// @param rates the reparametrization of their real parts, a continuous one
    /// @param frequencies whether whole sequences go by way of frequencies; else time by time, which takes
    ///     memory for all states
    public record Form(
            long channels,
            long states,
            boolean complex,
            FirstRates first,
            Reparametrization rates,
            boolean frequencies) {

        public Form {
            if (channels < 1 || states < 1) {
                throw new IllegalArgumentException(
                        "S4D: sizes must be positive, got " + channels + " channels of " + states + " states");
            }
        }

        /// 32 complex states, `−½ + iπ·n` at first, exponential rates, by way of frequencies.
        public static Form of(long channels) {
            return new Form(channels, 32, true, FirstRates.LINEAR, Reparametrization.EXPONENTIAL, true);
        }
    }

    public S4D(Form form, RandomStream random) {
        this.form = form;
        long channels = form.channels();
        int n = Math.toIntExact(form.states());
        FirstRates.Values first = form.first().of(n, form.complex(), random.split("rates"));
        double[] weights = first.re().clone();
        for (int j = 0; j < n; j++) {
            weights[j] = form.rates().inverse(weights[j]);
        }
        rates = parameter("A_real", rows(weights, channels)).withoutDecay();
        turns = form.complex() ? parameter("A_imag", rows(first.im(), channels)).withoutDecay() : null;
        Shape state = form.complex() ? Shape.of(channels, n, 2) : Shape.of(channels, n);
        reading = parameter("C", Initializer.normal(Math.sqrt(0.5)).make(DType.FLOAT32, state, random.split("C")));
        Tensor spread = random.split("log_dt").uniform(DType.FLOAT32, channels);
        logSteps = parameter("log_dt", spread.mul(StrictMath.log(100)).add(StrictMath.log(1e-3)));
        skip = parameter("D", Tensor.full(1, Device.current(), DType.FLOAT32, channels));
    }

    private static Tensor rows(double[] row, long channels) {
        return Tensor.of(row, 1, row.length)
                .expand(channels, row.length)
                .contiguous()
                .to(DType.FLOAT32);
    }

    /// With zero-order hold, what an input adds to a state: `(e^(ΔA) − 1)/A`, which readings take over here.
    private Modes modes() {
        Tensor step = logSteps.value().exp().unsqueeze(1);
        Tensor real = form.rates().apply(rates.value());
        if (!form.complex()) {
            Tensor exponents = real.mul(step);
            Tensor held = exponents.exp().sub(1).div(real);
            return new Modes(exponents, reading.value().mul(held), skip.value(), 1);
        }
        Tensor a = Pairs.of(real, turns.value());
        Tensor exponents = a.mul(step.unsqueeze(2));
        Tensor held = Pairs.quotient(Pairs.minusOne(Pairs.exp(exponents)), a);
        return new Modes(exponents, Pairs.product(reading.value(), held), skip.value(), 2);
    }

    @Override
    public Tensor start(long batch) {
        return modes().start(batch);
    }

    /// The filter of each channel without `D`, `[times, c]`.
    public Tensor filter(long times) {
        return modes().filter(times);
    }

    @Override
    public Step<Tensor> run(Tensor u, Tensor state) {
        return modes().scanned(u, state);
    }

    @Override
    protected Tensor forward(Tensor u) {
        requireSequence(u);
        return form.frequencies() && u.extent(1) > 0 ? modes().filtered(u) : super.forward(u);
    }
}
