package org.lehr.engine.nn;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Conv1d.Line;
import org.lehr.kernels.DType;

/// A convolution along a sequence with `weight [out, in/groups, k]` and `bias [out]`.
/// `x [b, in, t] → [b, out, places]`
public final class Conv1d extends Layer {

    private final Parameter weight;
    private final Parameter bias;
    private final Line line;

    /// With PyTorch's default initial values.
    ///
    /// @param size elements of a filter
    public Conv1d(long in, long out, long size, Line line, boolean bias, RandomStream random) {
        long groups = line.groups();
        if (in < 1 || out < 1 || size < 1) {
            throw new IllegalArgumentException(
                    "conv1d: sizes must be positive, got " + in + " → " + out + " channels with filters of " + size);
        }
        if (groups < 1 || in % groups != 0 || out % groups != 0) {
            throw new IllegalArgumentException(
                    "conv1d: channels must be multiples of the " + groups + " groups, got " + in + " → " + out);
        }
        Shape shape = Shape.of(out, in / groups, size);
        this.weight =
                parameter("weight", Initializer.fanInUniform().make(DType.FLOAT32, shape, random.split("weight")));
        this.bias = bias
                ? parameter(
                        "bias",
                        Initializer.uniform(1 / Math.sqrt((double) in / groups * size))
                                .make(DType.FLOAT32, Shape.of(out), random.split("bias")))
                : null;
        this.line = line;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return org.lehr.engine.tensor.op.Conv1d.conv1d(x, weight.value(), bias == null ? null : bias.value(), line);
    }

    public Parameter weight() {
        return weight;
    }
}
