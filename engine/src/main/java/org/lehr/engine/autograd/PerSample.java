package org.lehr.engine.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// The gradient of each sample's loss by itself, as for private training, influence functions and gradient
/// noise.
///
/// One forward and one backward pass per sample, in the order of the batch: exact for every operation, and
/// as much work as the samples one by one.
public final class PerSample {

    private PerSample() {}

    /// For each parameter the gradients of all samples, `[b, parameter...]`, as constants; other memory is
    /// returned.
    ///
    /// @param loss the loss of one sample, one number; it is given slices `[1, ...]` of the batch
    /// @param parameters leaves that `loss` reads, such as those of a module's parameters
    /// @param batch one or more tensors `[b, ...]`
    /// @throws ShapeMismatchException when the tensors of the batch differ in `b`, or a loss is not one
    ///     number
    public static List<Tensor> gradients(Function<Tensor[], Tensor> loss, List<Tensor> parameters, Tensor... batch) {
        long samples = samples(batch);
        try (Scope scope = Scope.open()) {
            List<Tensor> gradients = new ArrayList<>();
            for (Tensor parameter : parameters) {
                Shape shape = Shape.of(samples).then(parameter.shape());
                Tensor gradient = Tensor.empty("per_sample", parameter.device(), parameter.dtype(), shape);
                scope.keep(gradient.storage());
                gradients.add(gradient);
            }
            for (long i = 0; i < samples; i++) {
                sample(loss, parameters, gradients, i, batch);
            }
            return List.copyOf(gradients);
        }
    }

    private static void sample(
            Function<Tensor[], Tensor> loss, List<Tensor> parameters, List<Tensor> gradients, long i, Tensor... batch) {
        try (var _ = Scope.open()) {
            Tensor[] sample = new Tensor[batch.length];
            for (int k = 0; k < batch.length; k++) {
                sample[k] = batch[k].detach().slice(0, i, i + 1);
            }
            Tensor value = Recording.set(true, () -> loss.apply(sample));
            if (value.size() != 1) {
                throw new ShapeMismatchException(
                        "per_sample: the loss of a sample must be one number, got " + value.shape());
            }
            List<Tensor> found = Autograd.gradient(List.of(value), parameters, false);
            for (int p = 0; p < found.size(); p++) {
                gradients.get(p).slice(0, i, i + 1).copyFrom(found.get(p).unsqueeze(0));
            }
        }
    }

    private static long samples(Tensor... batch) {
        if (batch.length == 0 || batch[0].rank() == 0) {
            throw new ShapeMismatchException("per_sample: a batch of tensors [b, ...] is needed");
        }
        for (Tensor tensor : batch) {
            if (tensor.rank() == 0 || tensor.extent(0) != batch[0].extent(0)) {
                throw new ShapeMismatchException("per_sample: the tensors of a batch must agree in their first"
                        + " dimension, got " + batch[0].shape() + " and " + tensor.shape());
            }
        }
        return batch[0].extent(0);
    }
}
