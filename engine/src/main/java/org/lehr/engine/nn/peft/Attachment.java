package org.lehr.engine.nn.peft;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiPredicate;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.GradientHook;

/// What small changes have in common: hooks in the model that can be removed.
public abstract sealed class Attachment extends Module permits Adapters, Ia3, Lora {

    private List<GradientHook> hooks = List.of();

    /// Not attached yet.
    Attachment() {}

    final void attached(List<GradientHook> made) {
        hooks = List.copyOf(made);
    }

    /// Leaves the model as it was before. The parameters of the change stay, for whoever keeps them.
    public final void detach() {
        hooks.forEach(GradientHook::close);
        hooks = List.of();
    }

    /// Whether the model is changed now.
    public final boolean isAttached() {
        return !hooks.isEmpty();
    }

    /// The matrices of `model` that `chosen` accepts.
    static SequencedMap<String, Parameter> matrices(String kind, Module model, BiPredicate<String, Parameter> chosen) {
        SequencedMap<String, Parameter> found = new LinkedHashMap<>();
        model.parameters().forEach((path, parameter) -> {
            if (parameter.own().rank() >= 2 && chosen.test(path, parameter)) {
                found.put(path, parameter);
            }
        });
        if (found.isEmpty()) {
            throw new IllegalArgumentException(kind + ": no matrix of the model was chosen; its parameters are "
                    + model.parameters().keySet());
        }
        return found;
    }

    /// Freezes all parameters of a model, or trains them again.
    public static void freeze(Module model, boolean on) {
        model.parameters().values().forEach(parameter -> parameter.freeze(on));
    }
}
