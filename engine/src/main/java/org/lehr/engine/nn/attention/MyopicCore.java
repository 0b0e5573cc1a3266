package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Diagonal;

/// Self-attention through which no gradient reaches the keys and values of other positions (Wu, Morris, Levine 2024):
/// what
/// a position computes serves its own prediction, and nothing is learned for the sake of later ones. Results are those
/// of [SoftmaxCore]; what the loss gains when gradients flow everywhere is what a model gains by planning ahead.
///
/// @param scale factor of the dot products; NaN for `1/√d`
public record MyopicCore(double scale) implements AttentionCore {

    @Override
    public Tensor attend(Tensor q, Tensor k, Tensor v, Tensor bias, AttentionMask mask) {
        if (q.extent(2) != k.extent(2)) {
            throw new IllegalArgumentException("myopic attention: needs a key for every query, got queries " + q.shape()
                    + " and keys " + k.shape());
        }
        double factor = Double.isNaN(scale) ? 1 / Math.sqrt(q.extent(3)) : scale;
        long heads = q.extent(1);
        // Both are zero, but their gradients are those of a position's own key and value.
        Tensor ownScore = q.detach().mul(ownPart(k, heads)).sum(-1).mul(factor);
        Tensor ownValue = ownPart(v, heads);
        Tensor onDiagonal = ownScore.unsqueeze(-1).mul(identity(q));
        Tensor added = bias == null ? onDiagonal : bias.add(onDiagonal);
        Tensor others = softmax().attend(q, k.detach(), v.detach(), added, mask);
        Tensor weights = Recording.off(() -> Diagonal.diagonal(weights(q, k, bias, mask)));
        return others.add(weights.unsqueeze(-1).mul(ownValue));
    }

    @Override
    public Tensor weights(Tensor q, Tensor k, Tensor bias, AttentionMask mask) {
        return softmax().weights(q, k, bias, mask);
    }

    private SoftmaxCore softmax() {
        return new SoftmaxCore(scale, 0);
    }

    /// `x − x`, of which only the first has a gradient, for each query head. `[b, g, t, d] → [b, h, t, d]`
    private static Tensor ownPart(Tensor x, long heads) {
        return Attention.repeatHeads(x.sub(x.detach()), heads);
    }

    private static Tensor identity(Tensor q) {
        Tensor distances = Distances.of(q.extent(2), q.extent(2), q.dtype());
        return Compare.equal(distances, Tensor.full(0, Device.current(), q.dtype()))
                .to(q.dtype());
    }
}
