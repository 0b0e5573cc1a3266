package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// The linear recurrent unit (Orvieto et al. 2023): `h[t] = λ∘h[t − 1] + γ∘(B·u[t])`,
/// `y[t] = Re(C·h[t]) + D∘u[t]` with `λ = r·e^(iθ)`, `θ = e^theta_log` and `γ = e^gamma_log`, at first `√(1 − r²)`,
/// which keeps the size of states. `u [b, t, c] → [b, t, c]`
///
/// Parameters: `nu_log [p]`, from which a discrete [Reparametrization] makes `r` (by default `e^(−e^ν)`, below 1
/// for any value), `theta_log [p]`, `gamma_log [p]`, `B [p, c, 2]`, `C [c, p, 2]`, `D [c]`. The state is
/// `[b, p, 2]`.
public final class LinearRecurrentUnit extends SequenceLayer<Tensor> {

    private final Form form;
    private final Parameter sizes;
    private final Parameter turns;
    private final Parameter scales;
    private final Parameter writing;
    private final Parameter reading;
    private final Parameter skip;

    /// The shape of a layer.
    ///
    /// @param channels width of the stream
    /// @param states complex numbers of the state
    /// @param least least `|λ|` at first
    /// @param largest largest `|λ|` at first, below 1
    /// @param turn largest angle of `λ` at first, above 0
    /// @param sizes the reparametrization of `|λ|`, a discrete one
    public record Form(long channels, long states, double least, double largest, double turn, Reparametrization sizes) {

        public Form {
            boolean ring = 0 <= least && least < largest && largest < 1 && turn > 0;
            if (channels < 1 || states < 1 || !ring) {
                throw new IllegalArgumentException(
                        "linear recurrent unit: needs positive sizes, 0 ≤ least < largest < 1"
                                + " and a positive angle, got " + channels + " channels, " + states + " states, ["
                                + least + ", "
                                + largest + "] and " + turn);
            }
        }

        /// As many states as channels, on a ring from 0.9 to 0.999 and all around.
        public static Form of(long channels) {
            return new Form(
                    channels,
                    channels,
                    0.9,
                    0.999,
                    2 * Math.PI,
                    Reparametrization.discretized(Reparametrization.EXPONENTIAL));
        }
    }

    public LinearRecurrentUnit(Form form, RandomStream random) {
        this.form = form;
        long channels = form.channels();
        long states = form.states();
        double[] radii = random.split("nu").uniform(DType.FLOAT64, states).toDoubleArray();
        double[] angles = random.split("theta").uniform(DType.FLOAT64, states).toDoubleArray();
        double[] gains = new double[radii.length];
        double low = form.least() * form.least();
        for (int j = 0; j < radii.length; j++) {
            // uniform over the area of the ring
            double radius = Math.sqrt(low + radii[j] * (form.largest() * form.largest() - low));
            radii[j] = form.sizes().inverse(radius);
            angles[j] = StrictMath.log(form.turn() * Math.max(angles[j], 1e-6));
            gains[j] = StrictMath.log(Math.sqrt(1 - radius * radius));
        }
        sizes = parameter("nu_log", Tensor.of(radii, states).to(DType.FLOAT32));
        turns = parameter("theta_log", Tensor.of(angles, states).to(DType.FLOAT32));
        scales = parameter("gamma_log", Tensor.of(gains, states).to(DType.FLOAT32));
        writing = parameter(
                "B",
                Initializer.normal(1 / Math.sqrt(2.0 * channels))
                        .make(DType.FLOAT32, Shape.of(states, channels, 2), random.split("B")));
        reading = parameter(
                "C",
                Initializer.normal(1 / Math.sqrt(states))
                        .make(DType.FLOAT32, Shape.of(channels, states, 2), random.split("C")));
        skip = parameter("D", Initializer.normal(1).make(DType.FLOAT32, Shape.of(channels), random.split("D")));
    }

    /// `|λ|`, `[p]`.
    public Tensor sizes() {
        return form.sizes().apply(sizes.value());
    }

    private SharedModes modes() {
        Tensor angle = turns.value().exp();
        Tensor radius = sizes();
        Tensor factors = Pairs.exp(Pairs.of(radius.mul(0), angle)).mul(radius.unsqueeze(1));
        Tensor gain = scales.value().exp();
        return new SharedModes(factors, Pairs.of(gain, gain.mul(0)), writing.value(), reading.value(), skip.value(), 1);
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
