package org.lehr.engine.nn.vision;

import org.lehr.engine.nn.Conv2d;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Form;

/// Filters and normalisations beside a shortcut: `relu(f(x) + s(x))`, where `s` is the identity or, when sizes change,
/// a
/// filter of 1 x 1 (`downsample`). Two filters of 3 x 3 where `out = width`, else 1 x 1, 3 x 3, 1 x 1.
/// `x [b, in, h, w] → [b, out, h/stride, w/stride]`
final class ResidualBlock extends Layer {

    private final Conv2d first;
    private final BatchNorm firstNorm;
    private final Conv2d second;
    private final BatchNorm secondNorm;
    private final Conv2d third;
    private final BatchNorm thirdNorm;
    private final Layer shortcut;

    /// @param width channels between the filters
    ResidualBlock(long in, long width, long out, long stride, RandomStream random) {
        boolean narrow = out != width;
        first = child("conv1", filter(in, width, narrow ? 1 : 3, narrow ? 1 : stride, random.split("conv1")));
        firstNorm = child("bn1", new BatchNorm(width));
        second = child("conv2", filter(width, width, 3, narrow ? stride : 1, random.split("conv2")));
        secondNorm = child("bn2", new BatchNorm(width));
        third = narrow ? child("conv3", filter(width, out, 1, 1, random.split("conv3"))) : null;
        thirdNorm = narrow ? child("bn3", new BatchNorm(out)) : null;
        shortcut = in == out && stride == 1
                ? null
                : child(
                        "downsample",
                        new Sequential(filter(in, out, 1, stride, random.split("downsample")), new BatchNorm(out)));
    }

    /// A square filter without bias that keeps the size of images at stride 1.
    static Conv2d filter(long in, long out, long size, long stride, RandomStream random) {
        return new Conv2d(in, out, new long[] {size, size}, Form.of(stride, size / 2, 1, 1), false, random);
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor y = secondNorm.apply(second.apply(firstNorm.apply(first.apply(x)).relu()));
        if (third != null) {
            y = thirdNorm.apply(third.apply(y.relu()));
        }
        return y.add(shortcut == null ? x : shortcut.apply(x)).relu();
    }
}
