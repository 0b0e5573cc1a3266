package org.lehr.bench.step;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.engine.tensor.op.LayerNorm;
import org.lehr.engine.tensor.op.Linear;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// The comparison's model in Lehr.
public final class LehrGptStep implements TrainingStep {

    private record Affine(Parameter weight, Parameter bias) {
        Tensor linear(Tensor x) {
            return Linear.linear(x, weight.value(), bias.value());
        }

        Tensor norm(Tensor x) {
            return LayerNorm.layerNorm(x, weight.value(), bias.value(), 1e-5);
        }
    }

    private record Block(Affine norm1, Affine qkv, Affine out, Affine norm2, Affine up, Affine down) {}

    private final GptShape shape;
    private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
    private final RandomStream random = new RandomStream(1);
    private final Parameter tokenTable;
    private final Parameter positionTable;
    private final List<Block> blocks = new ArrayList<>();
    private final Affine norm;
    private final Parameter head;
    private final Tensor inputs;
    private final Tensor targets;
    private final LehrTraining training;

    public LehrGptStep(GptShape shape) {
        this.shape = shape;
        long n = shape.width();
        tokenTable = weight("tokens", shape.vocabulary(), n);
        positionTable = weight("positions", shape.positions(), n);
        for (int i = 0; i < shape.layers(); i++) {
            String path = "layer" + i;
            blocks.add(new Block(
                    norm(path + ".norm1", n),
                    affine(path + ".qkv", 3 * n, n),
                    affine(path + ".out", n, n),
                    norm(path + ".norm2", n),
                    affine(path + ".up", 4 * n, n),
                    affine(path + ".down", n, 4 * n)));
        }
        norm = norm("norm", n);
        head = shape.tied() ? tokenTable : weight("head", shape.vocabulary(), n);
        inputs = Tensor.of(shape.tokens(0), shape.batch(), shape.context());
        targets = Tensor.of(shape.tokens(1));
        training = new LehrTraining(
                parameters,
                new AdamW(
                        List.of(new ParameterGroup(parameters, 1, 1)),
                        new Constant(GptShape.RATE),
                        GptShape.WEIGHT_DECAY));
    }

    private Parameter add(String path, Tensor initial) {
        Parameter parameter = new Parameter(initial);
        parameters.put(path, parameter);
        return parameter;
    }

    private Parameter weight(String path, long... extents) {
        try (var _ = Scope.open()) {
            return add(path, random.normal(DType.FLOAT32, extents).mul(0.02));
        }
    }

    private Affine affine(String path, long out, long in) {
        return new Affine(weight(path + ".weight", out, in), add(path + ".bias", Tensor.zeros(out)));
    }

    private Affine norm(String path, long n) {
        return new Affine(add(path + ".weight", Tensor.ones(n)), add(path + ".bias", Tensor.zeros(n)));
    }

    @Override
    public double step() {
        return training.step(() -> CrossEntropy.crossEntropy(logits(), targets));
    }

    /// The parameters' values in the order of construction, each row-major and copied when it is asked for.
    public Iterator<float[]> weights() {
        return training.weights();
    }

    private Tensor logits() {
        Tensor table = positionTable.value();
        Tensor places = shape.positions() == shape.context() ? table : table.slice(0, 0, shape.context());
        Tensor x = Embedding.embedding(tokenTable.value(), inputs).add(places);
        for (Block block : blocks) {
            x = layer(block, x);
        }
        return Linear.linear(norm.norm(x), head.value(), null).reshape(shape.tokens(), shape.vocabulary());
    }

    private Tensor layer(Block block, Tensor x) {
        long n = shape.width();
        Tensor qkv = block.qkv.linear(block.norm1.norm(x));
        Tensor attended = Attention.causal(heads(qkv, 0), heads(qkv, 1), heads(qkv, 2))
                .transpose(1, 2)
                .reshape(shape.batch(), shape.context(), n);
        Tensor middle = x.add(block.out.linear(attended));
        return middle.add(block.down.linear(Gelu.geluTanh(block.up.linear(block.norm2.norm(middle)))));
    }

    private Tensor heads(Tensor qkv, long part) {
        long n = shape.width();
        return qkv.slice(2, part * n, (part + 1) * n)
                .reshape(shape.batch(), shape.context(), shape.heads(), n / shape.heads())
                .transpose(1, 2);
    }

    @Override
    public void close() {
        training.optimizer().clearGradients();
    }
}
