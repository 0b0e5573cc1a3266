package org.lehr.engine.nn;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// `x·W + b` with the weight stored as rows of inputs, `weight [in, out]`, as in the checkpoints of GPT-2; `bias
/// [out]`.
/// `x [..., in] → [..., out]`
public final class TransposedLinear extends Layer {

    private final Parameter weight;
    private final Parameter bias;

    /// @param initializer how the weight begins; it sees the shape `[in, out]`
    public TransposedLinear(long in, long out, boolean bias, Initializer initializer, RandomStream random) {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException("transposed linear: sizes must be positive, got " + in + " → " + out);
        }
        weight = parameter("weight", initializer.make(DType.FLOAT32, Shape.of(in, out), random.split("weight")));
        this.bias = bias ? parameter("bias", Tensor.zeros(out)) : null;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return org.lehr.engine.tensor.op.Linear.linear(
                x, weight.value().transpose(0, 1), bias == null ? null : bias.value());
    }
}
