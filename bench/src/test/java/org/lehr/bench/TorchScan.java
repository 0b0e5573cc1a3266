package org.lehr.bench;

import static org.bytedeco.pytorch.global.torch.addcmul;
import static org.bytedeco.pytorch.global.torch.bmm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.softplus;
import static org.bytedeco.pytorch.global.torch.stack;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// How a selective scan is written with libtorch, which has none: a loop over the times. `unbind` cuts them apart, as
/// a slice for each would make the backward pass quadratic in their number.
public final class TorchScan {

    /// How the result is read out of the states.
    public enum Reading {
        /// By a product at each time.
        EACH,
        /// By one product of the states of all times.
        STACKED
    }

    private TorchScan() {}

    /// `u, delta, z [b, t, c], rates [c, n], b and c [b, t, n], d [c] → [b, t, c]`; see
    /// [org.lehr.engine.tensor.op.SelectiveScan].
    public static Tensor selective(
            Tensor u, Tensor delta, Tensor rates, Tensor b, Tensor c, Tensor d, Tensor z, Reading reading) {
        Tensor widths = softplus(delta);
        TensorVector decays = widths.unsqueeze(3).mul(rates).exp().unbind(1);
        TensorVector drives = widths.mul(u).unsqueeze(3).mul(b.unsqueeze(2)).unbind(1);
        TensorVector readings = c.unsqueeze(3).unbind(1);
        TensorVector all = new TensorVector();
        Tensor h = torch.zeros_like(drives.get(0));
        for (int t = 0; t < u.size(1); t++) {
            h = addcmul(drives.get(t), decays.get(t), h);
            all.push_back(reading == Reading.EACH ? bmm(h, readings.get(t)) : h);
        }
        Tensor y = reading == Reading.EACH
                ? cat(all, 2).transpose(1, 2)
                : matmul(stack(all, 1), c.unsqueeze(3)).squeeze(3);
        return y.add(u.mul(d)).mul(silu(z));
    }

    /// `x [b, t, h, p], a [b, t, h], b and c [b, t, h, n] → [b, t, h, p]` with the matrix of all decays; see
    /// [org.lehr.engine.tensor.op.StateSpaceDual].
    public static Tensor dual(Tensor x, Tensor a, Tensor b, Tensor c) {
        Tensor sums = a.transpose(1, 2).cumsum(2);
        Tensor between = sums.unsqueeze(3).sub(sums.unsqueeze(2));
        Tensor future = torch.ones_like(between).triu(1).to(torch.ScalarType.Bool);
        Tensor decays = between.masked_fill(future, new Scalar(Double.NEGATIVE_INFINITY))
                .exp();
        Tensor gram = matmul(c.transpose(1, 2), b.permute(0, 2, 3, 1));
        return matmul(decays.mul(gram), x.transpose(1, 2)).transpose(1, 2);
    }

    /// As [#dual] within chunks of `length` times, which divides `t`; between them by the same with their states.
    public static Tensor chunkedDual(Tensor x, Tensor a, Tensor b, Tensor c, long length) {
        Tensor in = chunks(x, length);
        Tensor write = chunks(b, length);
        Tensor read = chunks(c, length);
        Tensor sums = chunks(a.unsqueeze(3), length).squeeze(4).cumsum(3);
        Tensor within = matmul(decays(sums).mul(matmul(read, write.transpose(3, 4))), in);
        Tensor ends = sums.narrow(3, length - 1, 1);
        Tensor states = matmul(in.mul(ends.sub(sums).exp().unsqueeze(4)).transpose(3, 4), write);
        Tensor between = ends.squeeze(3).transpose(1, 2).cumsum(2);
        // The state before a chunk has decayed over the chunks between, the one that made it left out.
        Tensor all = cat(new TensorVector(torch.zeros_like(between.narrow(2, 0, 1)), between), 2);
        long count = between.size(2);
        Tensor factors = decays(all).narrow(2, 0, count).narrow(3, 1, count).tril(-1);
        Tensor flat = states.transpose(1, 2).flatten(3, 4);
        Tensor before =
                matmul(factors, flat).reshape(states.transpose(1, 2).sizes()).transpose(1, 2);
        Tensor across = matmul(read.mul(sums.exp().unsqueeze(4)), before.transpose(3, 4));
        return within.add(across).transpose(2, 3).flatten(1, 2);
    }

    /// `[b, t, h, n] → [b, t/length, h, length, n]`
    private static Tensor chunks(Tensor x, long length) {
        return x.reshape(x.size(0), x.size(1) / length, length, x.size(2), x.size(3))
                .transpose(2, 3);
    }

    /// `exp(s_i − s_j)` for `j ≤ i`, zeros above. `[..., t] → [..., t, t]`
    private static Tensor decays(Tensor sums) {
        Tensor between = sums.unsqueeze(-1).sub(sums.unsqueeze(-2));
        Tensor future = torch.ones_like(between).triu(1).to(torch.ScalarType.Bool);
        return between.masked_fill(future, new Scalar(Double.NEGATIVE_INFINITY)).exp();
    }
}
