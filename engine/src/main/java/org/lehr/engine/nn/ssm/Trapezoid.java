package org.lehr.engine.nn.ssm;

import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Pad;
import org.lehr.engine.tensor.op.StateSpaceDual;
import org.lehr.engine.tensor.op.Triangle;

/// The recurrence of Mamba-3: an integral over each step by the trapezoid rule, of products of rank `r`.
///
/// ```
/// s[t] = α[t]·s[t − 1] + α[t]·w[t]·Σ_r v[t − 1, r]⊗k[t − 1, r] + g[t]·Σ_r v[t, r]⊗k[t, r]      α = exp(a)
/// y[t, r] = s[t]·q[t, r]
/// ```
///
/// Seen from a later time, what stands at `t` counts `g[t] + w[t + 1]`, decayed as in a [StateSpaceDual] whose inputs
/// have that factor; seen from `t` itself it counts `g[t]` only, which is put right with products within each time.
/// Rank
/// `r` takes `r` times in place of one there, all but the first without decay.
///
/// @param values `v [b, t, r, h, p]`
/// @param keys `k [b, t, r, h, n]`
/// @param queries `q [b, t, r, h, n]`
/// @param rates `a [b, t, h]`
/// @param now `g [b, t, h]`, the weight of a step's right end
/// @param former `w [b, t, h]`, the weight of a step's left end
record Trapezoid(Tensor values, Tensor keys, Tensor queries, Tensor rates, Tensor now, Tensor former) {

    /// `y [b, t, r, h, p]` of sequences that begin here.
    Tensor result(int chunk) {
        Tensor y = StateSpaceDual.stateSpaceDual(inputs(null), chunk);
        return y.reshape(values.shape().toArray()).add(withinTimes());
    }

    /// `y` and the last state of sequences that go on.
    ///
    /// @param state `s[−1] [b, h, p, n]`
    /// @param value `v[−1] [b, r, h, p]`
    /// @param key `k[−1] [b, r, h, n]`
    StateSpaceDual.Scanned scan(Tensor state, Tensor value, Tensor key, int chunk) {
        Tensor product = value.permute(0, 2, 3, 1).matmul(key.permute(0, 2, 1, 3));
        Tensor weight = former.slice(1, 0, 1).squeeze(1).unsqueeze(2).unsqueeze(3);
        StateSpaceDual.Scanned scanned = StateSpaceDual.scan(inputs(state.add(product.mul(weight))), chunk);
        Tensor y = scanned.y().reshape(values.shape().toArray()).add(withinTimes());
        return new StateSpaceDual.Scanned(y, scanned.last());
    }

    /// `g[t] + w[t + 1]`; no step follows the last time.
    private Tensor laterWeights() {
        return now.add(Pad.pad(former.slice(1, 1, former.extent(1)), 1, 0, 1, 0));
    }

    private StateSpaceDual.Inputs inputs(Tensor start) {
        Tensor weighted = values.mul(laterWeights().unsqueeze(2).unsqueeze(4));
        Tensor first = rates.unsqueeze(2);
        Tensor decays = Pad.pad(first, 2, 0, values.extent(2) - 1, 0);
        return new StateSpaceDual.Inputs(flat(weighted), flat(decays), flat(keys), flat(queries), start, null);
    }

    /// `[b, t, r, ...] → [b, t·r, ...]`
    private static Tensor flat(Tensor x) {
        Shape shape = x.shape();
        Shape times = Shape.of(shape.extent(0), shape.extent(1) * shape.extent(2));
        return x.reshape(times.then(shape.slice(3, shape.rank())).toArray());
    }

    /// The difference, `Σ_i (g[t] − (g[t] + w[t + 1])·[i ≤ r])·(q[t, r]·k[t, i])·v[t, i]`.
    private Tensor withinTimes() {
        long rank = values.extent(2);
        Tensor gram = queries.permute(0, 1, 3, 2, 4).matmul(keys.permute(0, 1, 3, 4, 2));
        Tensor seen = Triangle.lowerMask(values.device(), rank, rank, 0).to(values.dtype());
        Tensor counted = laterWeights().unsqueeze(3).unsqueeze(4).mul(seen);
        Tensor weights = now.unsqueeze(3).unsqueeze(4).sub(counted);
        return gram.mul(weights).matmul(values.permute(0, 1, 3, 2, 4)).permute(0, 1, 3, 2, 4);
    }
}
