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
}
