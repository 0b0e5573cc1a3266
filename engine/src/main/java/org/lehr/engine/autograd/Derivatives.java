package org.lehr.engine.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// Derivatives of functions, as constants: what [Autograd] offers, by backward passes in a scope of their
/// own.
final class Derivatives {

    private Derivatives() {}

    static List<Tensor> vjp(Function<Tensor[], Tensor> f, List<Tensor> inputs, Tensor v) {
        return alone(() -> {
            List<Tensor> x = leaves(inputs);
            Tensor y = f.apply(x.toArray(Tensor[]::new));
            agree("vjp: v", v, y);
            return products(y, v, x);
        });
    }

    static Tensor jvp(Function<Tensor[], Tensor> f, List<Tensor> inputs, List<Tensor> tangents) {
        agree("jvp: tangent", tangents, inputs);
        return alone(() -> {
                    List<Tensor> x = leaves(inputs);
                    Tensor y = f.apply(x.toArray(Tensor[]::new));
                    if (!y.requiresGradient()) {
                        return List.of(y.fullLike(0));
                    }
                    Tensor u = y.fullLike(0).requiringGradient();
                    List<Tensor> transposed = Autograd.gradient(List.of(y), List.of(u), x, true, true);
                    return products(transposed, tangents, List.of(u));
                })
                .getFirst();
    }

    static Tensor jacobian(UnaryOperator<Tensor> f, Tensor at) {
        return alone(() -> {
                    Tensor x = leaves(List.of(at)).getFirst();
                    return List.of(rows(f.apply(x), x));
                })
                .getFirst();
    }

    static Tensor hessian(UnaryOperator<Tensor> f, Tensor at) {
        return alone(() -> {
                    Tensor x = leaves(List.of(at)).getFirst();
                    return List.of(
                            rows(slopes("hessian", f.apply(x), List.of(x)).getFirst(), x));
                })
                .getFirst();
    }

    static List<Tensor> hessianVectorProduct(Function<Tensor[], Tensor> f, List<Tensor> inputs, List<Tensor> v) {
        agree("hessian_vector_product: v", v, inputs);
        return alone(() -> {
            List<Tensor> x = leaves(inputs);
            return products(slopes("hessian_vector_product", f.apply(x.toArray(Tensor[]::new)), x), v, x);
        });
    }

    /// The recorded gradients of a scalar.
    private static List<Tensor> slopes(String operation, Tensor y, List<Tensor> x) {
        if (y.size() != 1) {
            throw new ShapeMismatchException(operation + ": the function must return one number, got " + y.shape());
        }
        return y.requiresGradient()
                ? Autograd.gradient(List.of(y), x, true)
                : x.stream().map(input -> input.fullLike(0)).toList();
    }

    private static List<Tensor> products(Tensor y, Tensor v, List<Tensor> x) {
        return products(List.of(y), List.of(v), x);
    }

    /// `Σ vᵢ·∂yᵢ/∂x`, zeros where nothing depends on `x`.
    private static List<Tensor> products(List<Tensor> y, List<Tensor> v, List<Tensor> x) {
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> seeds = new ArrayList<>();
        for (int i = 0; i < y.size(); i++) {
            if (y.get(i).requiresGradient()) {
                outputs.add(y.get(i));
                seeds.add(v.get(i));
            }
        }
        return outputs.isEmpty()
                ? x.stream().map(input -> input.fullLike(0)).toList()
                : Autograd.gradient(outputs, seeds, x, false, false);
    }

    /// One row of the Jacobian after another. `y [y...], x [x...] → [y..., x...]`
    private static Tensor rows(Tensor y, Tensor x) {
        Shape shape = y.shape().then(x.shape());
        Tensor jacobian = Tensor.full(0, x.device(), x.dtype(), y.size(), x.size());
        if (y.requiresGradient()) {
            Tensor seed = Tensor.full(0, y.device(), y.dtype(), y.size());
            for (long i = 0; i < y.size(); i++) {
                seed.slice(0, i, i + 1).fill(1);
                try (var _ = Scope.open()) {
                    Tensor row = Autograd.gradient(
                                    List.of(y), List.of(seed.reshape(y.shape().toArray())), List.of(x), false, true)
                            .getFirst();
                    jacobian.slice(0, i, i + 1).copyFrom(row.reshape(1, x.size()));
                }
                seed.slice(0, i, i + 1).fill(0);
            }
        }
        return jacobian.reshape(shape.toArray());
    }

    /// The leaves among `inputs` as they are, the others as leaves of their own.
    private static List<Tensor> leaves(List<Tensor> inputs) {
        return inputs.stream()
                .map(input -> input.requiresGradient() && input.node() == null
                        ? input
                        : input.detach().requiringGradient())
                .toList();
    }

    private static List<Tensor> alone(Supplier<List<Tensor>> work) {
        try (Scope scope = Scope.open()) {
            List<Tensor> results = Recording.set(true, work);
            results.forEach(result -> result.storage().complete());
            results.forEach(result -> scope.keep(result.storage()));
            return results;
        }
    }

    private static void agree(String what, List<Tensor> vectors, List<Tensor> inputs) {
        if (vectors.size() != inputs.size()) {
            throw new IllegalArgumentException(
                    what + ": expected one for each of " + inputs.size() + " inputs, got " + vectors.size());
        }
        for (int i = 0; i < vectors.size(); i++) {
            agree(what + " " + i, vectors.get(i), inputs.get(i));
        }
    }

    private static void agree(String what, Tensor v, Tensor like) {
        if (!v.shape().equals(like.shape())) {
            throw new ShapeMismatchException(what + ": expected the shape " + like.shape() + ", got " + v.shape());
        }
        if (v.dtype() != like.dtype()) {
            throw new DTypeMismatchException(what + ": expected " + like.dtype() + ", got " + v.dtype());
        }
    }
}
