package org.lehr.engine.nn.quant;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.StraightThrough;
import org.lehr.engine.tensor.op.TernaryMatmul;
import org.lehr.kernels.DType;

/// A [BitLinear] after training: two bits for each weight. Inputs are rounded to the same steps; their products with
/// the
/// weights are sums of integers, which are exact, and are multiplied by the step and the scale at the end. Gradients
/// reach the input as they do there; the weights are not trained. `x [..., in] → [..., out]`
///
/// Names: `norm.weight [in]`, `weight` int32 `[out, ⌈in/16⌉]` as [TernaryMatmul] has it, `scale [1]`.
public final class PackedBitLinear extends Layer {

    private final RmsNorm norm;
    private final Tensor weight;
    private final Tensor scale;

    /// Weights of zero, to be loaded.
    public PackedBitLinear(long in, long out) {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException(
                    "packed bit linear: sizes must be positive, got in " + in + " and out " + out);
        }
        norm = child("norm", new RmsNorm(in, 1e-6));
        Tensor zeros = Tensor.full(0, Device.current(), DType.FLOAT32, out, in);
        weight = buffer("weight", TernaryMatmul.pack(zeros));
        scale = buffer("scale", Tensor.full(1, Device.current(), DType.FLOAT32, 1));
    }

    void set(Tensor packed, double gamma, RmsNorm from) {
        weight.copyFrom(packed);
        scale.fill(gamma);
        norm.load(from.state());
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor normal = norm.apply(x);
        Tensor step = BitLinear.step(normal);
        Tensor steps = StraightThrough.straightThrough(normal.div(step), BitLinear.inSteps(normal, step));
        long in = normal.extent(-1);
        Shape rows = normal.shape().slice(0, normal.rank() - 1);
        Tensor sums = TernaryMatmul.times(steps.reshape(rows.size(), in), weight);
        return sums.reshape(rows.then(Shape.of(weight.extent(0))).toArray())
                .mul(step)
                .mul(scale.to(normal.dtype()));
    }
}
