package org.lehr.bench.step;

import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.mse_loss;
import static org.bytedeco.pytorch.global.torch.nonzero;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.tensor;
import static org.bytedeco.pytorch.global.torch.topk;
import static org.bytedeco.pytorch.global.torch.zeros_like;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;

/// The comparison's mixture of experts in libtorch, as its users write it: expert by expert, its tokens selected, its
/// results added at their places.
public final class TorchMoeStep implements TrainingStep {

    private record Expert(Tensor up, Tensor down) {
        Tensor on(Tensor x) {
            return linear(gelu(linear(x, up)), down);
        }
    }

    private final PointerScope lifetime = new PointerScope();
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Expert> experts = new ArrayList<>();
    private final Tensor gate;
    private final Tensor input;
    private final Tensor targets;
    private final FusedAdamW optimizer;

    /// @param weights initial values: the gate, then of all experts the first and the second matrices, row-major
    public TorchMoeStep(MoeShape shape, Iterator<float[]> weights) {
        int e = shape.experts();
        gate = leaf(tensor(weights.next()).reshape(e, shape.width()));
        Tensor up = tensor(weights.next()).reshape(e, shape.hidden(), shape.width());
        Tensor down = tensor(weights.next()).reshape(e, shape.width(), shape.hidden());
        for (int i = 0; i < e; i++) {
            experts.add(new Expert(
                    leaf(up.select(0, i).clone()), leaf(down.select(0, i).clone())));
        }
        input = tensor(shape.numbers(0)).reshape(shape.tokens(), shape.width()).set_requires_grad(true);
        targets = tensor(shape.numbers(1)).reshape(shape.tokens(), shape.width());
        optimizer = new FusedAdamW(parameters, MoeShape.RATE, MoeShape.WEIGHT_DECAY);
    }

    private Tensor leaf(Tensor values) {
        Tensor leaf = values.set_requires_grad(true);
        parameters.add(leaf);
        return leaf;
    }

    @Override
    public double step() {
        try (var _ = new PointerScope()) {
            Tensor loss = mse_loss(mixture(), targets);
            loss.backward();
            double value = loss.item_float();
            List<Tensor> gradients = new ArrayList<>();
            parameters.forEach(parameter -> gradients.add(parameter.grad()));
            optimizer.step(gradients);
            parameters.forEach(parameter -> parameter.mutable_grad().reset());
            input.mutable_grad().reset();
            return value;
        }
    }

    private Tensor mixture() {
        T_TensorTensor_T best = topk(softmax(linear(input, gate), -1), MoeShape.CHOSEN);
        Tensor weights = best.get0().div(best.get0().sum(new long[] {-1}, true, null));
        Tensor flat = weights.reshape(-1);
        Tensor sum = zeros_like(input);
        for (int i = 0; i < experts.size(); i++) {
            Tensor places = nonzero(best.get1().eq(new Scalar(i)));
            Tensor tokens = places.select(1, 0);
            Tensor slots = tokens.mul(new Scalar(MoeShape.CHOSEN)).add(places.select(1, 1));
            Tensor y = experts.get(i).on(input.index_select(0, tokens));
            Tensor counted = y.mul(flat.index_select(0, slots).unsqueeze(1));
            sum = sum.index_add(0, tokens, counted);
        }
        return sum;
    }

    @Override
    public void close() {
        lifetime.close();
    }
}
