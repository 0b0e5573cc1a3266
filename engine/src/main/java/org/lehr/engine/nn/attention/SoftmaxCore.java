package org.lehr.engine.nn.attention;

import java.util.Objects;
import java.util.stream.Stream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.engine.tensor.op.Where;

/// Softmax attention in one operation that never holds the scores.
///
/// @param scale factor of the dot products; NaN for `1/√d`
/// @param softCap scores become `softCap·tanh(score/softCap)`; 0 for no such bound
public record SoftmaxCore(double scale, double softCap) implements AttentionCore {

    @Override
    public Tensor attend(Tensor q, Tensor k, Tensor v, Tensor bias, AttentionMask mask) {
        Tensor added = withHidden(q, bias, mask);
        return Tensor.apply(operation(added, mask), inputs(q, k, v, added, mask));
    }

    @Override
    public Tensor weights(Tensor q, Tensor k, Tensor bias, AttentionMask mask) {
        Tensor added = withHidden(q, bias, mask);
        return operation(added, mask).weights(inputs(q, k, k, added, mask));
    }

    Attention operation(Tensor bias, AttentionMask mask) {
        return new Attention(scale, softCap, mask.causal(), mask.window(), bias != null, mask.padding() != null);
    }

    private static Tensor[] inputs(Tensor q, Tensor k, Tensor v, Tensor bias, AttentionMask mask) {
        return Stream.of(q, k, v, bias, mask.padding()).filter(Objects::nonNull).toArray(Tensor[]::new);
    }

    /// The bias, −∞ where a place is hidden.
    private static Tensor withHidden(Tensor q, Tensor bias, AttentionMask mask) {
        if (mask.hidden() == null) {
            return bias;
        }
        Tensor never = q.scalarLike(Double.NEGATIVE_INFINITY);
        return Where.where(mask.hidden(), never, bias == null ? q.scalarLike(0) : bias);
    }
}
