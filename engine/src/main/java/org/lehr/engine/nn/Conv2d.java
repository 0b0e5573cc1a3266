package org.lehr.engine.nn;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Form;
import org.lehr.kernels.DType;

/// A convolution with `weight [out, in/groups, kh, kw]` and `bias [out]`.
/// `x [b, in, h, w] → [b, out, rows, columns]`
public final class Conv2d extends Layer {

    private final Parameter weight;
    private final Parameter bias;
    private final Form form;

    /// Square filters of `size²` elements, with PyTorch's default initial values and a bias.
    public Conv2d(long in, long out, long size, Form form, RandomStream random) {
        this(in, out, new long[] {size, size}, form, true, random);
    }

    /// With PyTorch's default initial values.
    ///
    /// @param size rows and columns of a filter
    public Conv2d(long in, long out, long[] size, Form form, boolean bias, RandomStream random) {
        long groups = form.groups();
        if (in < 1 || out < 1 || size.length != 2 || size[0] < 1 || size[1] < 1) {
            throw new IllegalArgumentException("conv2d: sizes must be positive, got " + in + " → " + out
                    + " channels with filters of " + java.util.Arrays.toString(size));
        }
        if (in % groups != 0 || out % groups != 0) {
            throw new IllegalArgumentException(
                    "conv2d: channels must be multiples of the " + groups + " groups, got " + in + " → " + out);
        }
        Shape shape = Shape.of(out, in / groups, size[0], size[1]);
        this.weight =
                parameter("weight", Initializer.fanInUniform().make(DType.FLOAT32, shape, random.split("weight")));
        this.bias = bias
                ? parameter(
                        "bias",
                        Initializer.uniform(1 / Math.sqrt((double) in / groups * size[0] * size[1]))
                                .make(DType.FLOAT32, Shape.of(out), random.split("bias")))
                : null;
        this.form = form;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return org.lehr.engine.tensor.op.Conv2d.conv2d(x, weight.value(), bias == null ? null : bias.value(), form);
    }

    public Parameter weight() {
        return weight;
    }
}
