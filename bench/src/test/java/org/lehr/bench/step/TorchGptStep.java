package org.lehr.bench.step;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
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

/// The comparison's model in libtorch, written as an expert would: fused attention, fused layer norm, fused AdamW.
public final class TorchGptStep implements TrainingStep {

    private record Block(
            Tensor norm1,
            Tensor bias1,
            Tensor qkv,
            Tensor qkvBias,
            Tensor out,
            Tensor outBias,
            Tensor norm2,
            Tensor bias2,
            Tensor up,
            Tensor upBias,
            Tensor down,
            Tensor downBias) {}

    private final GptShape shape;
    private final Function<long[], Tensor> weights;
    private final TorchTraining training = new TorchTraining();
    private final Tensor tokenTable;
    private final Tensor positionTable;
    private final List<Block> blocks = new ArrayList<>();
    private final Tensor norm;
    private final Tensor bias;
    private final Tensor head;
    private final Tensor inputs;
    private final Tensor targets;
    private final FusedAdamW optimizer;

    /// @param weights initial values in the order of construction below, each row-major
    public static TorchGptStep with(GptShape shape, Iterator<float[]> weights) {
        return new TorchGptStep(shape, extents -> tensor(weights.next()).reshape(extents));
    }

    /// With weights that libtorch draws itself.
    public static TorchGptStep alone(GptShape shape) {
        return new TorchGptStep(shape, extents -> randn(extents).mul_(new Scalar(0.02)));
    }

    private TorchGptStep(GptShape shape, Function<long[], Tensor> weights) {
        this.shape = shape;
        this.weights = weights;
        long n = shape.width();
        tokenTable = parameter(shape.vocabulary(), n);
        positionTable = parameter(shape.positions(), n);
        for (int i = 0; i < shape.layers(); i++) {
            blocks.add(new Block(
                    parameter(n),
                    parameter(n),
                    parameter(3 * n, n),
                    parameter(3 * n),
                    parameter(n, n),
                    parameter(n),
                    parameter(n),
                    parameter(n),
                    parameter(4 * n, n),
                    parameter(4 * n),
                    parameter(n, 4 * n),
                    parameter(n)));
        }
        norm = parameter(n);
        bias = parameter(n);
        head = shape.tied() ? tokenTable : parameter(shape.vocabulary(), n);
        inputs = tensor(shape.tokens(0)).reshape(shape.batch(), shape.context());
        targets = tensor(shape.tokens(1));
        optimizer = new FusedAdamW(training.parameters(), GptShape.RATE, GptShape.WEIGHT_DECAY);
    }

    private Tensor parameter(long... extents) {
        return training.leaf(weights.apply(extents));
    }

    @Override
    public double step() {
        return training.step(() -> cross_entropy_loss(logits(), targets), optimizer::step);
    }

    private Tensor logits() {
        long n = shape.width();
        Tensor places =
                shape.positions() == shape.context() ? positionTable : positionTable.narrow(0, 0, shape.context());
        Tensor x = embedding(tokenTable, inputs).add(places);
        for (Block block : blocks) {
            x = layer(block, x);
        }
        Tensor normed = layer_norm(x, new long[] {n}, new TensorOptional(norm), new TensorOptional(bias), 1e-5, true);
        return linear(normed, head).reshape(shape.tokens(), shape.vocabulary());
    }

    private Tensor layer(Block block, Tensor x) {
        long n = shape.width();
        long h = shape.heads();
        long[] width = {n};
        Tensor first =
                layer_norm(x, width, new TensorOptional(block.norm1), new TensorOptional(block.bias1), 1e-5, true);
        TensorVector qkv =
                linear(first, block.qkv, new TensorOptional(block.qkvBias)).split(n, 2);
        Tensor q = heads(qkv.get(0), h);
        Tensor k = heads(qkv.get(1), h);
        Tensor v = heads(qkv.get(2), h);
        Tensor attended = scaled_dot_product_attention(
                        q, k, v, new TensorOptional(), 0.0, true, new DoubleOptional(), false)
                .transpose(1, 2)
                .reshape(shape.batch(), shape.context(), n);
        Tensor middle = x.add(linear(attended, block.out, new TensorOptional(block.outBias)));
        Tensor second =
                layer_norm(middle, width, new TensorOptional(block.norm2), new TensorOptional(block.bias2), 1e-5, true);
        Tensor inner = gelu(linear(second, block.up, new TensorOptional(block.upBias)), "tanh");
        return middle.add(linear(inner, block.down, new TensorOptional(block.downBias)));
    }

    private Tensor heads(Tensor x, long h) {
        return x.view(shape.batch(), shape.context(), h, shape.width() / h).transpose(1, 2);
    }

    @Override
    public void close() {
        training.close();
    }
}
