package org.lehr.engine.nn.transformer;

import java.util.function.UnaryOperator;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.tensor.Tensor;

/// The stream around a part of a block.
///
/// @param placement where the norms stand
/// @param before the norm of what goes into the part, or null
/// @param after the norm of what comes out of it, or of the sum, or null
/// @param dropout what is dropped of what is added
/// @param scale multiplies what is added
record Residual(NormPlacement placement, Layer before, Layer after, Layer dropout, double scale) {

    /// The stream behind the part.
    Tensor around(Tensor x, UnaryOperator<Tensor> part) {
        Tensor sum = x.add(branch(x, part));
        return placement == NormPlacement.POST ? after.apply(sum) : sum;
    }

    /// What is added to the stream.
    Tensor branch(Tensor x, UnaryOperator<Tensor> part) {
        Tensor y = part.apply(before == null ? x : before.apply(x));
        boolean normed = after != null && placement != NormPlacement.POST;
        Tensor dropped = dropout.apply(normed ? after.apply(y) : y);
        return scale == 1 ? dropped : dropped.mul(scale);
    }
}
