package org.lehr.engine.nn.peft;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiPredicate;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Changes of low rank to matrices (Hu et al. 2022): forward passes see `W + (α/r)·B·A`, with `A [r, in]` and `B [out,
/// r]`,
/// which begins at zero. A weight of more dimensions counts as the matrix `[out, in·(rest)]`.
///
/// Parameters `PATH.lora_A` and `PATH.lora_B` for each changed path. The change is added to the weight and not to the
/// output of a layer, so that it reaches whatever reads the weight.
public final class Lora extends Attachment {

    private record Factors(Parameter weight, Parameter a, Parameter b) {}

    private final double scale;
    private final SequencedMap<String, Factors> factors = new LinkedHashMap<>();

    private Lora(double scale) {
        this.scale = scale;
    }

    /// Changes the matrices of `model` that `chosen` accepts by path and value. The model is not frozen by this.
    ///
    /// @param rank r, at least 1
    /// @param alpha the change is scaled by `alpha/rank`
    public static Lora attach(
            Module model, BiPredicate<String, Parameter> chosen, int rank, double alpha, RandomStream random) {
        if (rank < 1 || !(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "lora: needs a rank of at least 1 and a positive, finite alpha, got " + rank + " and " + alpha);
        }
        Lora lora = new Lora(alpha / rank);
        List<GradientHook> hooks = new ArrayList<>();
        matrices("lora", model, chosen).forEach((path, weight) -> {
            Shape shape = weight.own().shape();
            long out = shape.extent(0);
            long in = shape.size() / out;
            Tensor first = Initializer.fanInUniform().make(DType.FLOAT32, Shape.of(rank, in), random.split(path));
            Factors made = new Factors(
                    weight,
                    lora.parameter(path + ".lora_A", first),
                    lora.parameter(path + ".lora_B", Tensor.full(0, weight.own().device(), DType.FLOAT32, out, rank)));
            lora.factors.put(path, made);
            hooks.add(weight.adapt(value -> value.add(lora.change(made, value))));
        });
        lora.attached(hooks);
        return lora;
    }

    private Tensor change(Factors f, Tensor like) {
        return f.b.value()
                .matmul(f.a.value())
                .mul(scale)
                .reshape(like.shape().toArray())
                .to(like.dtype());
    }

    /// The present change of the matrix at `path`, in its shape.
    public Tensor change(String path) {
        Factors f = factors.get(path);
        if (f == null) {
            throw new IllegalArgumentException("lora: '" + path + "' is not changed, " + factors.keySet() + " are");
        }
        return Recording.off(() -> change(f, f.weight.own()));
    }

    /// Adds the changes to the model's own weights for good, and detaches.
    public void merge() {
        if (!isAttached()) {
            throw new IllegalStateException("lora: is not attached, so there is nothing to merge");
        }
        detach();
        factors.values()
                .forEach(f ->
                        f.weight.set(Recording.off(() -> f.weight.own().detach().add(change(f, f.weight.own())))));
    }
}
