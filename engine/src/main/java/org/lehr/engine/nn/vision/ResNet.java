package org.lehr.engine.nn.vision;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Conv2d;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.nn.pool.GlobalAvgPool;
import org.lehr.engine.nn.pool.MaxPool2d;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Pool2d;

/// A residual network (He et al. 2016) under the parameter names of torchvision: `conv1`, `bn1`, `layer1.0.conv1`, ...,
/// `fc`. `x [b, channels, h, w] → [b, classes]`
public final class ResNet extends Layer {

    /// The shape of a network.
    ///
    /// @param channels of the image
    /// @param width channels of the first stage; each further stage has twice as many on images half as large
    /// @param blocks how many blocks each stage has
    /// @param bottleneck whether blocks narrow, filter and widen (by 4), instead of filtering twice
    /// @param large whether images are large: a first filter of 7 x 7 at every second place, and pooling
    public record Form(
            long channels, long width, List<Integer> blocks, boolean bottleneck, boolean large, long classes) {
        public Form {
            blocks = List.copyOf(blocks);
            boolean some = !blocks.isEmpty() && blocks.stream().allMatch(count -> count > 0);
            if (channels < 1 || width < 1 || classes < 1 || !some) {
                throw new IllegalArgumentException("resnet: needs positive sizes and blocks in every stage, got "
                        + channels + " channels, width " + width + ", blocks " + blocks + ", " + classes + " classes");
            }
        }

        /// Stages of 2, 2, 2, 2 blocks, width 64.
        public static Form resNet18(long classes, boolean large) {
            return new Form(3, 64, List.of(2, 2, 2, 2), false, large, classes);
        }

        /// Stages of 3, 4, 6, 3 narrowing blocks, width 64.
        public static Form resNet50(long classes, boolean large) {
            return new Form(3, 64, List.of(3, 4, 6, 3), true, large, classes);
        }

        /// The reduced ResNet-18 of continual learning (Lopez-Paz, Ranzato 2017): width 20, small images.
        public static Form slim18(long classes) {
            return new Form(3, 20, List.of(2, 2, 2, 2), false, false, classes);
        }

        long expansion() {
            return bottleneck ? 4 : 1;
        }
    }

    private final Conv2d first;
    private final BatchNorm norm;
    private final MaxPool2d pool;
    private final List<ResidualBlock> blocks = new ArrayList<>();
    private final GlobalAvgPool average = new GlobalAvgPool();
    private final Linear head;

    public ResNet(Form form, RandomStream random) {
        first = child(
                "conv1",
                form.large
                        ? ResidualBlock.filter(form.channels, form.width, 7, 2, random.split("conv1"))
                        : ResidualBlock.filter(form.channels, form.width, 3, 1, random.split("conv1")));
        norm = child("bn1", new BatchNorm(form.width));
        pool = form.large ? child("maxpool", new MaxPool2d(Pool2d.Window.of(3, 2, 1))) : null;
        long in = form.width;
        for (int stage = 0; stage < form.blocks.size(); stage++) {
            long width = form.width << stage;
            List<ResidualBlock> made = new ArrayList<>();
            for (int i = 0; i < form.blocks.get(stage); i++) {
                long stride = stage > 0 && i == 0 ? 2 : 1;
                RandomStream here = random.split("layer" + (stage + 1)).split(i);
                made.add(new ResidualBlock(in, width, width * form.expansion(), stride, here));
                in = width * form.expansion();
            }
            blocks.addAll(children("layer" + (stage + 1), made));
        }
        head = child("fc", new Linear(in, form.classes, true, random.split("fc")));
    }

    /// What goes into the last map: `x [b, channels, h, w] → [b, width of the last stage]`
    public Tensor features(Tensor x) {
        Tensor y = norm.apply(first.apply(x)).relu();
        y = pool == null ? y : pool.apply(y);
        for (ResidualBlock block : blocks) {
            y = block.apply(y);
        }
        return average.apply(y);
    }

    @Override
    protected Tensor forward(Tensor x) {
        return head.apply(features(x));
    }
}
