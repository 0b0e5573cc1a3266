package org.lehr.engine.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.lehr.engine.tensor.FiniteCheck;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;

/// Gradients as values.
public final class Autograd {

    private Autograd() {}

    /// Runs `work` without recording: its results are constants.
    public static <T> T noGradient(Supplier<T> work) {
        return Recording.off(work);
    }

    /// Runs `work` with NaN tracing: the first operation, forward or backward, that produces a NaN or an infinity is a
    /// `NotFiniteException` with its name and shapes.
    public static <T> T traceNan(Supplier<T> work) {
        return FiniteCheck.tracing(work);
    }

    /// The gradients of the scalar `output` with respect to `inputs`; the graph is released.
    public static List<Tensor> gradient(Tensor output, Tensor... inputs) {
        return gradient(List.of(output), List.of(inputs), false);
    }

    /// The gradients of the sum of all `outputs` with respect to `inputs`, zeros where there is no dependence.
    ///
    /// @param createGraph whether the gradients are recorded themselves, so that they can be differentiated again
    public static List<Tensor> gradient(List<Tensor> outputs, List<Tensor> inputs, boolean createGraph) {
        List<Tensor> seeds = Recording.off(
                () -> outputs.stream().map(output -> output.fullLike(1)).toList());
        return gradient(outputs, seeds, inputs, createGraph, createGraph);
    }

    /// `Σ seedᵢ · ∂outputᵢ/∂input` for each input (a vector-Jacobian product).
    ///
    /// @param seeds one for each output, of its shape
    /// @param retainGraph whether the graph of the outputs may be walked again
    public static List<Tensor> gradient(
            List<Tensor> outputs, List<Tensor> seeds, List<Tensor> inputs, boolean createGraph, boolean retainGraph) {
        Tensor[] found = new BackwardPass(createGraph, retainGraph).of(outputs, seeds, inputs);
        List<Tensor> gradients = new ArrayList<>();
        for (int i = 0; i < found.length; i++) {
            gradients.add(found[i] == null ? inputs.get(i).fullLike(0) : found[i]);
        }
        return List.copyOf(gradients);
    }
}
