package org.lehr.engine.nn.ssm;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Cos;
import org.lehr.engine.tensor.op.CumulativeSum;
import org.lehr.engine.tensor.op.PiecewiseConstant;
import org.lehr.engine.tensor.op.Sin;
import org.lehr.kernels.DType;

/// Rotations by angles that grow along time: what makes the real states of Mamba-3 follow complex rates. Pairs of
/// numbers turn together.
///
/// @param angles `[b, t, h, s]`, below `2π`
/// @param neighbours whether pairs are neighbours; else a pair is a number of the first half and one of the second
record Turn(Tensor angles, boolean neighbours) {

    /// The rotation after each of some steps.
    ///
    /// @param start angles before the first time, `[b, h, s]`; null for zeros
    /// @param steps by how much each time turns, `[b, t, h, s]`
    static Turn of(Tensor start, Tensor steps, boolean neighbours) {
        // In double, so that sums over long sequences are those of steps one by one.
        Tensor sums = CumulativeSum.cumulativeSum(steps.to(DType.FLOAT64), 1);
        Tensor all = start == null ? sums : sums.add(start.to(DType.FLOAT64).unsqueeze(1));
        Tensor rounds = PiecewiseConstant.floor(all.detach().mul(1 / (2 * Math.PI)));
        return new Turn(all.sub(rounds.mul(2 * Math.PI)).to(steps.dtype()), neighbours);
    }

    /// The angles after the last time, `[b, h, s]`.
    Tensor last() {
        long times = angles.extent(1);
        return angles.slice(1, times - 1, times).squeeze(1);
    }

    /// The first `s` pairs of `x` turned. `x [b, t, r, h, n] → [b, t, r, h, n]`
    Tensor apply(Tensor x) {
        long turned = angles.extent(3);
        long half = x.extent(4) / 2;
        Tensor pairs = neighbours ? split(x, half, 2) : split(x, 2, half).transpose(4, 5);
        Tensor by = Pairs.of(Cos.cos(angles), Sin.sin(angles)).to(x.dtype()).unsqueeze(2);
        Tensor all = Concat.concat(4, Pairs.product(pairs.slice(4, 0, turned), by), pairs.slice(4, turned, half));
        return (neighbours ? all : all.transpose(4, 5)).reshape(x.shape().toArray());
    }

    private static Tensor split(Tensor x, long outer, long inner) {
        return x.reshape(x.extent(0), x.extent(1), x.extent(2), x.extent(3), outer, inner);
    }
}
