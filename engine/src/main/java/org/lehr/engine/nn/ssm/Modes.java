package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.LinearScan;
import org.lehr.engine.tensor.op.LongConvolution;
import org.lehr.engine.tensor.op.Range;

/// Channels with a state of `n` numbers each that fade on their own: `h[t] = e^λ∘h[t − 1] + u[t]` and
/// `y[t] = factor·Re Σ_n readings·h[t] + D·u[t]`; the filter of that, without `D`, is `factor·Re Σ_n readings·e^(λ·t)`.
///
/// @param exponents `λ [c, n]`, or pairs `[c, n, 2]`
/// @param readings as `exponents`
/// @param skip `D [c]`
record Modes(Tensor exponents, Tensor readings, Tensor skip, double factor) {

    private boolean complex() {
        return exponents.rank() == 3;
    }

    /// The first `times` elements of every channel's filter, `[times, c]`.
    Tensor filter(long times) {
        Tensor t = Range.range(exponents.device(), exponents.dtype(), times).reshape(times, 1, 1);
        Tensor sum;
        if (complex()) {
            Tensor powers = Pairs.exp(exponents.mul(t.unsqueeze(3)));
            sum = Pairs.realProduct(powers, readings).sum(2);
        } else {
            sum = exponents.mul(t).exp().mul(readings).sum(2);
        }
        return sum.mul(factor);
    }

    /// `u [b, t, c] → [b, t, c]` from a state of zeros, by way of frequencies.
    Tensor filtered(Tensor u) {
        return LongConvolution.longConvolution(u, filter(u.extent(1))).add(u.mul(skip));
    }

    /// The state of zeros, `[b, c, n]`, or pairs `[b, c, n, 2]`.
    Tensor start(long batch) {
        long[] state = exponents.shape().toArray();
        long[] all = new long[state.length + 1];
        all[0] = batch;
        System.arraycopy(state, 0, all, 1, state.length);
        return Tensor.full(0, exponents.device(), exponents.dtype(), all);
    }

    /// `u [b, t, c] → [b, t, c]` after `state`, time by time.
    Step<Tensor> scanned(Tensor u, Tensor state) {
        long batch = u.extent(0);
        long times = u.extent(1);
        long channels = u.extent(2);
        long n = exponents.extent(1);
        Tensor wide = u.unsqueeze(3).expand(batch, times, channels, n);
        Tensor h;
        Tensor y;
        if (complex()) {
            Tensor x = Pairs.of(wide, wide.mul(0)).reshape(batch, times, channels * n, 2);
            Tensor factors = Pairs.exp(exponents).reshape(channels * n, 2);
            h = LinearScan.complexScan(x, factors, state.reshape(batch, channels * n, 2), null)
                    .reshape(batch, times, channels, n, 2);
            y = Pairs.realProduct(h, readings).sum(3);
        } else {
            Tensor x = wide.reshape(batch, times, channels * n);
            Tensor factors = exponents.exp().reshape(channels * n);
            h = LinearScan.linearScan(x, factors, state.reshape(batch, channels * n), null)
                    .reshape(batch, times, channels, n);
            y = h.mul(readings).sum(3);
        }
        Tensor last = times == 0 ? state : h.slice(1, times - 1, times).squeeze(1);
        return new Step<>(y.mul(factor).add(u.mul(skip)), last);
    }
}
