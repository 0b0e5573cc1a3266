package org.lehr.engine.optim.average;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;

/// What ways to mix models share.
final class Mixture {

    private Mixture() {}

    /// Refuses models with other names or shapes.
    static void requireAlike(String who, Map<String, Tensor> first, Map<String, Tensor> other) {
        if (!first.keySet().equals(other.keySet())) {
            TreeSet<String> differ = new TreeSet<>(first.keySet());
            differ.addAll(other.keySet());
            differ.removeIf(path -> first.containsKey(path) && other.containsKey(path));
            throw new IllegalArgumentException(who + ": only one of two models has " + differ);
        }
        first.forEach((path, tensor) -> {
            if (!tensor.shape().equals(other.get(path).shape())) {
                throw new IllegalArgumentException(who + ": " + path + " has the shapes " + tensor.shape() + " and "
                        + other.get(path).shape());
            }
        });
    }

    /// The floating tensors of a model changed by `mix`, in their own dtypes, the others as they are.
    static SequencedMap<String, Tensor> each(Map<String, Tensor> model, BiFunction<String, Tensor, Tensor> mix) {
        SequencedMap<String, Tensor> mixed = new LinkedHashMap<>();
        model.forEach((path, tensor) -> mixed.put(
                path,
                tensor.dtype().isFloating()
                        ? Recording.off(() -> mix.apply(path, tensor.detach()).to(tensor.dtype()))
                        : tensor));
        return mixed;
    }
}
