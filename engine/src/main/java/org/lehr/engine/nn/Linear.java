package org.lehr.engine.nn;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// `x·Wᵀ + b` with `weight [out, in]` and `bias [out]`. `x [..., in] → [..., out]`
public final class Linear extends Layer {

    private final Parameter weight;
    private final Parameter bias;

    /// A map with PyTorch's default initial values.
    public Linear(long in, long out, boolean bias, RandomStream random) {
        this(in, out, bias ? Initializer.fanInUniform() : null, Initializer.fanInUniform(), random);
    }

    /// @param biasInitializer how the bias begins, null for none
    public Linear(long in, long out, Initializer biasInitializer, Initializer initializer, RandomStream random) {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException("linear: sizes must be positive, got " + in + " → " + out);
        }
        weight = parameter("weight", initializer.make(DType.FLOAT32, Shape.of(out, in), random.split("weight")));
        bias = biasInitializer == null
                ? null
                : parameter("bias", biasInitializer.make(DType.FLOAT32, Shape.of(out), random.split("bias")));
    }

    @Override
    protected Tensor forward(Tensor x) {
        return org.lehr.engine.tensor.op.Linear.linear(x, weight.value(), bias == null ? null : bias.value());
    }

    /// The outputs `from, ..., from + count − 1` alone, before the bias, as a product of their own: for maps that
    /// make
    /// several things at once, which need not be cut out of a larger array then. `x [..., in] → [..., count]`
    public Tensor some(Tensor x, long from, long count) {
        return org.lehr.engine.tensor.op.Linear.linear(x, weight.value().slice(0, from, from + count), null);
    }

    public Parameter weight() {
        return weight;
    }

    /// The bias, null where there is none.
    public Parameter bias() {
        return bias;
    }
}
