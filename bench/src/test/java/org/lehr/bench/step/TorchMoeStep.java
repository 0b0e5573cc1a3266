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

    private final TorchTraining training = new TorchTraining();
    private final List<Expert> experts = new ArrayList<>();
    private final Tensor gate;
    private final Tensor input;
    private final Tensor targets;
    private final FusedAdamW optimizer;

    /// @param weights initial values: the gate, then of all experts the first and the second matrices, row-major
    public TorchMoeStep(MoeShape shape, Iterator<float[]> weights) {
        int e = shape.experts();
        gate = training.leaf(tensor(weights.next()).reshape(e, shape.width()));
        Tensor up = tensor(weights.next()).reshape(e, shape.hidden(), shape.width());
        Tensor down = tensor(weights.next()).reshape(e, shape.width(), shape.hidden());
        for (int i = 0; i < e; i++) {
            experts.add(new Expert(
                    training.leaf(up.select(0, i).clone()),
                    training.leaf(down.select(0, i).clone())));
        }
        input = tensor(shape.numbers(0)).reshape(shape.tokens(), shape.width()).set_requires_grad(true);
        targets = tensor(shape.numbers(1)).reshape(shape.tokens(), shape.width());
        optimizer = new FusedAdamW(training.parameters(), MoeShape.RATE, MoeShape.WEIGHT_DECAY);
    }

    @Override
    public double step() {
        return training.step(() -> mse_loss(mixture(), targets), gradients -> {
            optimizer.step(gradients);
            input.mutable_grad().reset();
        });
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
        training.close();
    }
}
