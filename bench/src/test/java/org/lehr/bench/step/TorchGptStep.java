package org.lehr.bench.step;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.manual_seed;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.tensor;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;

/// The comparison's model in libtorch, written as an expert would: fused attention, fused layer norm, fused AdamW.
final class TorchGptStep implements GptStep {

    private record Block(
            Tensor norm1, Tensor bias1, Tensor qkv, Tensor qkvBias, Tensor out, Tensor outBias, Tensor norm2, Tensor bias2,
            Tensor up, Tensor upBias, Tensor down, Tensor downBias) {}

    private final GptShape shape;
    private final PointerScope lifetime = new PointerScope();
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Tensor> means = new ArrayList<>();
    private final List<Tensor> squares = new ArrayList<>();
    private final List<Tensor> counts = new ArrayList<>();
    private final Tensor tokenTable;
    private final Tensor positionTable;
    private final List<Block> blocks = new ArrayList<>();
    private final Tensor norm;
    private final Tensor bias;
    private final Tensor head;
    private final Tensor inputs;
    private final Tensor targets;
    private final OperatorHandle fusedAdamW;

    TorchGptStep(GptShape shape) {
        this.shape = shape;
        manual_seed(1);
        long n = shape.width();
        tokenTable = parameter(randn(shape.vocabulary(), n).mul_(new Scalar(0.02)));
        positionTable = parameter(randn(shape.context(), n).mul_(new Scalar(0.02)));
        for (int i = 0; i < shape.layers(); i++) {
            blocks.add(new Block(
                    parameter(ones(n)),
                    parameter(zeros(n)),
                    weight(3 * n, n),
                    parameter(zeros(3 * n)),
                    weight(n, n),
                    parameter(zeros(n)),
                    parameter(ones(n)),
                    parameter(zeros(n)),
                    weight(4 * n, n),
                    parameter(zeros(4 * n)),
                    weight(n, 4 * n),
                    parameter(zeros(n))));
        }
        norm = parameter(ones(n));
        bias = parameter(zeros(n));
        head = weight(shape.vocabulary(), n);
        long[] tokens = new long[shape.tokens()];
        long[] next = new long[shape.tokens()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = shape.token(i);
            next[i] = shape.token(i + 1);
        }
        inputs = tensor(tokens).reshape(shape.batch(), shape.context());
        targets = tensor(next);
        fusedAdamW = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
    }

    private Tensor weight(long out, long in) {
        return parameter(randn(out, in).mul_(new Scalar(0.02)));
    }

    private Tensor parameter(Tensor initial) {
        Tensor leaf = initial.detach().set_requires_grad(true);
        parameters.add(leaf);
        long[] extents = leaf.sizes().vec().get();
        means.add(zeros(extents));
        squares.add(zeros(extents));
        counts.add(zeros());
        return leaf;
    }

    @Override
    public double step() {
        try (var _ = new PointerScope()) {
            Tensor loss = cross_entropy_loss(logits(), targets);
            loss.backward();
            double value = loss.item_float();
            update();
            return value;
        }
    }

    private Tensor logits() {
        long n = shape.width();
        Tensor x = embedding(tokenTable, inputs).add(positionTable);
        for (Block block : blocks) {
            x = layer(block, x);
        }
        Tensor normed =
                layer_norm(x, new long[] {n}, new TensorOptional(norm), new TensorOptional(bias), 1e-5, true);
        return linear(normed, head).reshape(shape.tokens(), shape.vocabulary());
    }

    private Tensor layer(Block block, Tensor x) {
        long n = shape.width();
        long h = shape.heads();
        long[] width = {n};
        Tensor first =
                layer_norm(x, width, new TensorOptional(block.norm1), new TensorOptional(block.bias1), 1e-5, true);
        TensorVector qkv = linear(first, block.qkv, new TensorOptional(block.qkvBias)).split(n, 2);
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

    private void update() {
        try (var _ = new NoGradGuard()) {
            TensorVector values = new TensorVector(parameters.toArray(Tensor[]::new));
            TensorVector gradients = new TensorVector(
                    parameters.stream().map(Tensor::grad).toArray(Tensor[]::new));
            IValueVector stack = new IValueVector();
            stack.push_back(new IValue(values));
            stack.push_back(new IValue(gradients));
            stack.push_back(new IValue(new TensorVector(means.toArray(Tensor[]::new))));
            stack.push_back(new IValue(new TensorVector(squares.toArray(Tensor[]::new))));
            stack.push_back(new IValue(new TensorVector()));
            stack.push_back(new IValue(new TensorVector(counts.toArray(Tensor[]::new))));
            stack.push_back(new IValue(1e-3));
            stack.push_back(new IValue(0.9));
            stack.push_back(new IValue(0.999));
            stack.push_back(new IValue(0.01));
            stack.push_back(new IValue(1e-8));
            stack.push_back(new IValue(false));
            stack.push_back(new IValue(false));
            stack.push_back(new IValue());
            stack.push_back(new IValue());
            for (Tensor count : counts) {
                count.add_(new Scalar(1));
            }
            fusedAdamW.callBoxed(stack);
            for (Tensor parameter : parameters) {
                parameter.mutable_grad().reset();
            }
        }
    }

    @Override
    public void close() {
        lifetime.close();
    }
}
