package org.lehr.engine.nn.moe;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Linear;
import org.lehr.kernels.DType;

/// The linear map from tokens to logits of experts. A rounded logit can change the choice, so it is computed in float32
/// where the model is in bfloat16. `x [b, t, n], weight [e, n] → [b, t, e]`
record Gate(Parameter weight) {

    /// The sizes of a router that learns.
    ///
    /// @param width the width of a token
    static Tensor initial(long width, int experts, Initializer initializer, RandomStream random) {
        if (width < 1 || experts < 1) {
            throw new IllegalArgumentException(
                    "router: sizes must be positive, got width " + width + " and " + experts + " experts");
        }
        return initializer.make(DType.FLOAT32, Shape.of(experts, width), random);
    }

    Tensor logits(Tensor x) {
        Tensor map = wide(weight.value());
        if (x.extent(-1) != map.extent(1)) {
            throw new ShapeMismatchException(
                    "router: x must be [b, t, n] for a gate [e, n], got " + x.shape() + " and " + map.shape());
        }
        return Linear.linear(wide(x), map, null);
    }

    static Tensor wide(Tensor x) {
        return x.dtype() == DType.BFLOAT16 ? x.to(DType.FLOAT32) : x;
    }
}
