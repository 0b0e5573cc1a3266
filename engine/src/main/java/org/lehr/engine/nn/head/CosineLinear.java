package org.lehr.engine.nn.head;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Norm;
import org.lehr.kernels.DType;

/// The cosine between the input and each row of `weight [out, in]`, times a learned `sigma [1]` (Gidaris, Komodakis
/// 2018;
/// Hou et al. 2019): classes that came early and those that came late score on one scale. `x [..., in] → [..., out]`
public final class CosineLinear extends Layer {

    private static final double TINY = 1e-12;

    private final Parameter weight;
    private final Parameter sigma;

    /// @param scale how sigma begins; 1 is usual, 10 to 20 for many classes
    public CosineLinear(long in, long out, double scale, RandomStream random) {
        if (in < 1 || out < 1 || !(scale > 0)) {
            throw new IllegalArgumentException(
                    "cosine linear: needs positive sizes and a positive scale, got " + in + " → " + out + ", " + scale);
        }
        weight = parameter("weight", Initializer.fanInUniform().make(DType.FLOAT32, Shape.of(out, in), random));
        sigma = parameter("sigma", Tensor.full(scale, Device.current(), DType.FLOAT32, 1));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor w = weight.value();
        if (x.rank() < 1 || x.extent(-1) != w.extent(1)) {
            throw new ShapeMismatchException("cosine linear: x must be [..., " + w.extent(1) + "], got " + x.shape());
        }
        return org.lehr.engine.tensor.op.Linear.linear(unit(x), unit(w), null).mul(sigma.value());
    }

    private static Tensor unit(Tensor x) {
        return x.div(Norm.norm(x, 2, true, -1).add(TINY));
    }
}
