package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Linear;
import org.lehr.engine.tensor.op.LinearScan;

/// `p` complex states that all channels write to and read from: `h[t] = λ∘h[t − 1] + s∘(W·u[t])`,
/// `y[t] = factor·Re(R·h[t]) + D∘u[t]`.
///
/// @param factors `λ [p, 2]`
/// @param scales `s [p, 2]`
/// @param writing `W [p, c, 2]`
/// @param reading `R [c, p, 2]`
/// @param skip `D [c]`
record SharedModes(Tensor factors, Tensor scales, Tensor writing, Tensor reading, Tensor skip, double factor) {

    /// `u [b, t, c], state [b, p, 2] → [b, t, c]`
    Step<Tensor> scanned(Tensor u, Tensor state) {
        if (u.rank() != 3 || u.extent(2) != skip.extent(0)) {
            throw new IllegalArgumentException(
                    "diagonal scan: needs u [b, t, " + skip.extent(0) + "], got " + u.shape());
        }
        Tensor written = Pairs.of(
                Linear.linear(u, Pairs.re(writing).contiguous(), null),
                Linear.linear(u, Pairs.im(writing).contiguous(), null));
        Tensor h = LinearScan.complexScan(Pairs.product(written, scales), factors, state, null);
        Tensor read = Linear.linear(Pairs.re(h).contiguous(), Pairs.re(reading).contiguous(), null)
                .sub(Linear.linear(Pairs.im(h).contiguous(), Pairs.im(reading).contiguous(), null));
        long times = u.extent(1);
        Tensor last = times == 0 ? state : h.slice(1, times - 1, times).squeeze(1);
        return new Step<>(read.mul(factor).add(u.mul(skip)), last);
    }

    /// Zeros `[b, p, 2]`.
    Tensor start(long batch) {
        return Tensor.full(0, factors.device(), factors.dtype(), batch, factors.extent(0), 2);
    }
}
