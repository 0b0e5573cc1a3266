package org.lehr.engine.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.FiniteCheck;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// Gradients as values.
public final class Autograd {

    private Autograd() {}

    /// Runs `work` without recording: its results are constants.
    public static <T> T noGradient(Supplier<T> work) {
        return Recording.off(work);
    }

    /// Runs `work` with NaN tracing: the first operation, forward or backward, that produces a NaN or an
    /// infinity is a `NotFiniteException` with its name and shapes.
    public static <T> T traceNan(Supplier<T> work) {
        return FiniteCheck.tracing(work);
    }

    /// As [Tensor#backward()] of the scalar `loss`, telling `arrived` of each leaf as soon as its gradient is
    /// complete:
    /// the leaf may be changed then, and its gradient dropped, while the pass goes on to what comes before it.
    public static void backward(Tensor loss, Consumer<Tensor> arrived) {
        if (loss.size() != 1) {
            throw new ShapeMismatchException("backward: expected one number, got a tensor of " + loss.shape());
        }
        Tensor seed = Recording.off(() -> loss.fullLike(1));
        new BackwardPass(false, false).intoLeaves(List.of(loss), List.of(seed), arrived);
    }

    /// The gradients of the scalar `output` with respect to `inputs`; the graph is released.
    public static List<Tensor> gradient(Tensor output, Tensor... inputs) {
        return gradient(List.of(output), List.of(inputs), false);
    }

    /// The gradients of the sum of all `outputs` with respect to `inputs`, zeros where there is no
    /// dependence.
    ///
    /// Each gradient has memory of its own, except with `createGraph`.
    ///
    /// @param createGraph whether the gradients are recorded themselves, so that they can be differentiated
    ///     again
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

    /// `Jᵀ·v`, the vector-Jacobian product of `f` at `inputs`: for each input its gradient, zeros where `f`
    /// does not depend on it. A constant; other memory taken while `f` ran is returned.
    ///
    /// @param v of the shape and dtype of the result
    public static List<Tensor> vjp(Function<Tensor[], Tensor> f, List<Tensor> inputs, Tensor v) {
        return Derivatives.vjp(f, inputs, v);
    }

    /// `J·v`, the Jacobian-vector product of `f` at `inputs`: the derivative of the result (its shape) along
    /// `tangents`.
    ///
    /// By two vector-Jacobian products: `u ↦ Jᵀu` is linear, and the transpose of its derivative is `J`.
    /// Exact for every operation. A constant; other memory taken while `f` ran is returned.
    ///
    /// @param tangents one for each input, of its shape and dtype
    public static Tensor jvp(Function<Tensor[], Tensor> f, List<Tensor> inputs, List<Tensor> tangents) {
        return Derivatives.jvp(f, inputs, tangents);
    }

    /// All derivatives of `f: x [x...] → [y...]` at `x`, one backward pass per element of the result. A
    /// constant.
    /// `[y..., x...]`
    public static Tensor jacobian(UnaryOperator<Tensor> f, Tensor x) {
        return Derivatives.jacobian(f, x);
    }

    /// `H·v` for the scalar function `f` at `x`: the derivative of its gradient along `v`. A constant.
    /// `x [...], v [...] → [...]`
    ///
    /// @throws ShapeMismatchException when `f` does not return one number, or `v` has not the shape of `x`
    public static Tensor hessianVectorProduct(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
        return hessianVectorProduct(inputs -> f.apply(inputs[0]), List.of(x), List.of(v))
                .getFirst();
    }

    /// As [#hessianVectorProduct(UnaryOperator, Tensor, Tensor)] for a scalar function of several tensors;
    /// they may be leaves that `f` reads by itself, such as the parameters of a module: those are used as
    /// they are.
    public static List<Tensor> hessianVectorProduct(Function<Tensor[], Tensor> f, List<Tensor> inputs, List<Tensor> v) {
        return Derivatives.hessianVectorProduct(f, inputs, v);
    }

    /// All second derivatives of the scalar function `f` at `x [x...]`. A constant. `[x..., x...]`
    public static Tensor hessian(UnaryOperator<Tensor> f, Tensor x) {
        return Derivatives.hessian(f, x);
    }
}
