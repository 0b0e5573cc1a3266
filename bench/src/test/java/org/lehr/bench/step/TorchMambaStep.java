package org.lehr.bench.step;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.rms_norm;
import static org.bytedeco.pytorch.global.torch.tensor;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.lehr.bench.TorchConvolution;
import org.lehr.bench.TorchScan;
import org.lehr.bench.TorchScan.Reading;

/// The comparison's state-space model in libtorch: a [loop][TorchScan] over the times, all else fused where there is
/// something.
public final class TorchMambaStep implements TrainingStep {

    private record Block(
            Tensor norm,
            Tensor skip,
            Tensor logRates,
            Tensor in,
            Tensor filters,
            Tensor filterBias,
            Tensor chosen,
            Tensor steps,
            Tensor stepBias,
            Tensor out) {}

    private final MambaShape shape;
    private final Reading reading;
    private final Function<long[], Tensor> weights;
    private final TorchTraining training = new TorchTraining();
    private final Tensor table;
    private final List<Block> blocks = new ArrayList<>();
    private final Tensor norm;
    private final Tensor inputs;
    private final Tensor targets;
    private final FusedAdamW optimizer;

    /// @param weights initial values in the order of construction below, each row-major
    public static TorchMambaStep with(MambaShape shape, Reading reading, Iterator<float[]> weights) {
        return new TorchMambaStep(
                shape, reading, extents -> tensor(weights.next()).reshape(extents));
    }

    /// With weights that libtorch draws itself.
    public static TorchMambaStep alone(MambaShape shape, Reading reading) {
        return new TorchMambaStep(shape, reading, extents -> randn(extents).mul_(new Scalar(0.02)));
    }

    private TorchMambaStep(MambaShape shape, Reading reading, Function<long[], Tensor> weights) {
        this.shape = shape;
        this.reading = reading;
        this.weights = weights;
        long n = shape.width();
        long channels = shape.channels();
        long rank = shape.mixer().rank();
        long states = shape.mixer().states();
        table = parameter(shape.vocabulary(), n);
        for (int i = 0; i < shape.layers(); i++) {
            blocks.add(new Block(
                    parameter(n),
                    parameter(channels),
                    parameter(channels, states),
                    parameter(2 * channels, n),
                    parameter(channels, 1, shape.mixer().taps()),
                    parameter(channels),
                    parameter(rank + 2 * states, channels),
                    parameter(channels, rank),
                    parameter(channels),
                    parameter(n, channels)));
        }
        norm = parameter(n);
        inputs = tensor(shape.tokens(0)).reshape(shape.batch(), shape.context());
        targets = tensor(shape.tokens(1));
        optimizer = new FusedAdamW(training.parameters(), MambaShape.RATE, MambaShape.WEIGHT_DECAY);
    }

    private Tensor parameter(long... extents) {
        return training.leaf(weights.apply(extents));
    }

    @Override
    public double step() {
        return training.step(() -> cross_entropy_loss(logits(), targets), optimizer::step);
    }

    private Tensor logits() {
        Tensor x = embedding(table, inputs);
        for (Block block : blocks) {
            x = x.add(mixer(block, normed(x, block.norm)));
        }
        return linear(normed(x, norm), table).reshape(shape.tokens(), shape.vocabulary());
    }

    private Tensor normed(Tensor x, Tensor weight) {
        return rms_norm(
                x, new long[] {shape.width()}, new TensorOptional(weight), new DoubleOptional(MambaShape.EPSILON));
    }

    private Tensor mixer(Block block, Tensor x) {
        long rank = shape.mixer().rank();
        long states = shape.mixer().states();
        TensorVector halves = linear(x, block.in).split(shape.channels(), 2);
        Tensor u = TorchConvolution.causalSilu(halves.get(0), block.filters.squeeze(1), block.filterBias);
        TensorVector chosen = linear(u, block.chosen).split_with_sizes(new long[] {rank, states, states}, 2);
        Tensor delta = linear(chosen.get(0), block.steps, new TensorOptional(block.stepBias));
        Tensor y = TorchScan.selective(
                u, delta, block.logRates.exp().neg(), chosen.get(1), chosen.get(2), block.skip, halves.get(1), reading);
        return linear(y, block.out);
    }

    @Override
    public void close() {
        training.close();
    }
}
