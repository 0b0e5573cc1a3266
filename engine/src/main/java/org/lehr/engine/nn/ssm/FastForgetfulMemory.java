package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.LayerNorm;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.LinearScan;
import org.lehr.kernels.DType;

/// Fast and forgetful memory (Morad et al. 2023): each of `m` traces fades in `c` contexts that turn at different
/// speeds, `S[t] = S[t − 1]∘Γ + x̃[t]·1ᵀ` with `Γ = e^(−|α|) ⊗ e^(−iω)` and `x̃ = pre(x)·σ(gate_in(x))`, and
/// `y = LN(mix(Re S, Im S))·σ(gate_out(x)) + skip(x)·(1 − σ(gate_out(x)))`. `x [b, t, in] → [b, t, out]`
///
/// At first the traces keep a hundredth of what they see for 2 to `Form#memory` times, and contexts turn once in as
/// many. The state is `[b, m·c, 2]`.
public final class FastForgetfulMemory extends SequenceLayer<Tensor> {

    private static final double LEFT = 0.01;

    private final Form form;
    private final Linear pre;
    private final Linear gateIn;
    private final Linear gateOut;
    private final Linear skip;
    private final Linear mix;
    private final LayerNorm norm;
    private final Parameter decays;
    private final Parameter turns;

    /// The sizes of a memory.
    ///
    /// @param in width of what it reads
    /// @param out width of what it gives
    /// @param traces `m`
    /// @param contexts `c`
    /// @param memory times that the most lasting trace is to remember, at least 2
    public record Form(long in, long out, long traces, long contexts, long memory) {

        public Form {
            if (in < 1 || out < 1 || traces < 1 || contexts < 1 || memory < 2) {
                throw new IllegalArgumentException("fast and forgetful memory: needs positive sizes and a memory of at"
                        + " least 2, got " + in + " → " + out + ", " + traces + " traces, " + contexts
                        + " contexts and a memory of " + memory);
            }
        }

        /// 32 traces in 4 contexts over 1024 times, as in the paper.
        public static Form of(long in, long out) {
            return new Form(in, out, 32, 4, 1024);
        }
    }

    public FastForgetfulMemory(Form form, RandomStream random) {
        this.form = form;
        long states = form.traces() * form.contexts();
        pre = child("pre", new Linear(form.in(), form.traces(), true, random.split("pre")));
        gateIn = child("gate_in", new Linear(form.in(), form.traces(), true, random.split("gate_in")));
        gateOut = child("gate_out", new Linear(form.in(), form.out(), true, random.split("gate_out")));
        skip = child("skip", new Linear(form.in(), form.out(), true, random.split("skip")));
        mix = child("mix", new Linear(2 * states, form.out(), true, random.split("mix")));
        norm = child("norm", new LayerNorm(form.out(), false, 1e-5));
        decays = parameter(
                "alpha",
                Tensor.of(spread(form.traces(), -StrictMath.log(LEFT)), form.traces())
                        .to(DType.FLOAT32));
        turns = parameter(
                "omega",
                Tensor.of(spread(form.contexts(), 2 * Math.PI), form.contexts()).to(DType.FLOAT32));
    }

    /// `total` over durations from 2 to the memory's, evenly in their logarithms.
    private double[] spread(long count, double total) {
        double[] values = new double[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            double share = count == 1 ? 1 : i / (count - 1.0);
            values[i] = total / (2 * StrictMath.pow(form.memory() / 2.0, share));
        }
        return values;
    }

    @Override
    public Tensor start(long batch) {
        Tensor like = decays.value();
        return Tensor.full(0, like.device(), like.dtype(), batch, form.traces() * form.contexts(), 2);
    }

    @Override
    public Step<Tensor> run(Tensor x, Tensor state) {
        return run(x, state, null);
    }

    /// As [#run], where the memory is empty again at every time whose number in `sequence`, int `[b, t]`, is not
    /// that of
    /// the time before: an episode ended. Null for none.
    public Step<Tensor> run(Tensor x, Tensor state, Tensor sequence) {
        if (x.rank() != 3 || x.extent(2) != form.in()) {
            throw new IllegalArgumentException(
                    "fast and forgetful memory: needs x [b, t, " + form.in() + "], got " + x.shape());
        }
        long batch = x.extent(0);
        long times = x.extent(1);
        Tensor seen = pre.apply(x).mul(gateIn.apply(x).sigmoid());
        Tensor wide = seen.unsqueeze(3)
                .expand(batch, times, form.traces(), form.contexts())
                .reshape(batch, times, form.traces() * form.contexts());
        Tensor traces = LinearScan.complexScan(Pairs.of(wide, wide.mul(0)), factors(), state, sequence);
        Tensor mixed = norm.apply(mix.apply(traces.reshape(batch, times, 2 * form.traces() * form.contexts())));
        Tensor gate = gateOut.apply(x).sigmoid();
        Tensor y = mixed.mul(gate).add(skip.apply(x).mul(gate.neg().add(1)));
        return new Step<>(
                y, times == 0 ? state : traces.slice(1, times - 1, times).squeeze(1));
    }

    /// `Γ [m·c, 2]`
    private Tensor factors() {
        Tensor decay = decays.value().abs().neg().unsqueeze(1).expand(form.traces(), form.contexts());
        Tensor turn = turns.value().neg().unsqueeze(0).expand(form.traces(), form.contexts());
        return Pairs.exp(Pairs.of(decay, turn)).reshape(form.traces() * form.contexts(), 2);
    }
}
