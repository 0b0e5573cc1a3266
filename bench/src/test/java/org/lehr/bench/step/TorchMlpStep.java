package org.lehr.bench.step;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.tensor;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/// The comparison's classifier in libtorch.
public final class TorchMlpStep implements TrainingStep {

    private record Layer(Tensor weight, TensorOptional bias) {
        Tensor on(Tensor x) {
            return linear(x, weight, bias);
        }
    }

    private final TorchTraining training = new TorchTraining();
    private final List<Layer> layers = new ArrayList<>();
    private final Tensor pixels;
    private final Tensor labels;

    /// @param weights initial values: of each layer the weight and the bias, row-major
    public TorchMlpStep(MlpShape shape, Iterator<float[]> weights) {
        int[][] extents = {
            {shape.hidden(), shape.inputs()},
            {shape.hidden(), shape.hidden()},
            {shape.classes(), shape.hidden()}
        };
        for (int[] extent : extents) {
            Tensor weight = training.leaf(tensor(weights.next()).reshape(extent[0], extent[1]));
            layers.add(new Layer(weight, new TensorOptional(training.leaf(tensor(weights.next())))));
        }
        pixels = tensor(shape.pixels()).reshape(shape.batch(), shape.inputs());
        labels = tensor(shape.labels());
    }

    @Override
    public double step() {
        return training.step(this::loss, this::update);
    }

    private Tensor loss() {
        Tensor hidden = relu(layers.get(1).on(relu(layers.get(0).on(pixels))));
        return cross_entropy_loss(layers.get(2).on(hidden), labels);
    }

    private void update(List<Tensor> gradients) {
        try (var _ = new NoGradGuard()) {
            Scalar step = new Scalar(-MlpShape.RATE);
            for (int i = 0; i < gradients.size(); i++) {
                training.parameters().get(i).add_(gradients.get(i), step);
            }
        }
    }

    @Override
    public void close() {
        training.close();
    }
}
