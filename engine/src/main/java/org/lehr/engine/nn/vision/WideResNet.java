package org.lehr.engine.nn.vision;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Conv2d;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.nn.pool.GlobalAvgPool;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A wide residual network (Zagoruyko, Komodakis 2016), WRN-depth-widening: normalisation and rectifier before each
/// filter, three stages of `(depth − 4)/6` blocks with `16, 32, 64` times `widening` channels.
/// `x [b, channels, h, w] → [b, classes]`
public final class WideResNet extends Layer {

    private static final long FIRST_WIDTH = 16;
    private static final int STAGES = 3;

    /// The shape of a network.
    ///
    /// @param channels of the image
    /// @param depth layers with weights: 4 more than a multiple of 6, such as 16, 28, 40
    /// @param dropout probability of dropping a value between the filters of a block
    public record Form(long channels, int depth, long widening, double dropout, long classes) {
        public Form {
            if (channels < 1 || depth < 10 || (depth - 4) % 6 != 0 || widening < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "wide resnet: needs positive sizes and a depth of 10, 16, 22, ..., got "
                                + channels + " channels, depth " + depth + ", widening " + widening + ", " + classes
                                + " classes");
            }
        }
    }

    /// A block: `x + f(x)`, or from what is normalised where sizes change.
    private static final class Block extends Layer {
        private final BatchNorm firstNorm;
        private final Conv2d first;
        private final BatchNorm secondNorm;
        private final Dropout dropout;
        private final Conv2d second;
        private final Conv2d shortcut;

        Block(long in, long out, long stride, double dropout, RandomStream random) {
            firstNorm = child("bn1", new BatchNorm(in));
            first = child("conv1", ResidualBlock.filter(in, out, 3, stride, random.split("conv1")));
            secondNorm = child("bn2", new BatchNorm(out));
            this.dropout = child("dropout", new Dropout(dropout, random.split("dropout")));
            second = child("conv2", ResidualBlock.filter(out, out, 3, 1, random.split("conv2")));
            shortcut = in == out
                    ? null
                    : child("convShortcut", ResidualBlock.filter(in, out, 1, stride, random.split("convShortcut")));
        }

        @Override
        protected Tensor forward(Tensor x) {
            Tensor normal = firstNorm.apply(x).relu();
            Tensor y = dropout.apply(secondNorm.apply(first.apply(normal)).relu());
            return second.apply(y).add(shortcut == null ? x : shortcut.apply(normal));
        }
    }

    private final Conv2d first;
    private final List<Block> blocks = new ArrayList<>();
    private final BatchNorm norm;
    private final GlobalAvgPool average = new GlobalAvgPool();
    private final Linear head;

    public WideResNet(Form form, RandomStream random) {
        first = child("conv1", ResidualBlock.filter(form.channels, FIRST_WIDTH, 3, 1, random.split("conv1")));
        long in = FIRST_WIDTH;
        for (int stage = 0; stage < STAGES; stage++) {
            long out = (FIRST_WIDTH << stage) * form.widening;
            List<Block> made = new ArrayList<>();
            for (int i = 0; i < (form.depth - 4) / 6; i++) {
                RandomStream here = random.split("block" + (stage + 1)).split(i);
                made.add(new Block(in, out, stage > 0 && i == 0 ? 2 : 1, form.dropout, here));
                in = out;
            }
            blocks.addAll(children("block" + (stage + 1) + ".layer", made));
        }
        norm = child("bn1", new BatchNorm(in));
        head = child("fc", new Linear(in, form.classes, true, random.split("fc")));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor y = first.apply(x);
        for (Block block : blocks) {
            y = block.apply(y);
        }
        return head.apply(average.apply(norm.apply(y).relu()));
    }
}
