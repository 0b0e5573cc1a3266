package org.lehr.engine.analysis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Predicate;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;

/// Follows how large signals are on their way through a model: the outputs of layers forwards, and their gradients
/// backwards (signal propagation; Poole et al. 2016; gradients at initialisation; Xiong et al. 2020). Watches until it
/// is
/// closed; changes nothing.
public final class SignalProbe implements AutoCloseable {

    /// What was seen of one layer at its last call, as roots of mean squares.
    ///
    /// @param output of its outputs
    /// @param gradient of the gradient of its outputs, NaN before a backward pass
    public record Signal(double output, double gradient) {}

    private final SequencedMap<String, Signal> signals = new LinkedHashMap<>();
    private final List<GradientHook> hooks = new ArrayList<>();

    /// @param chosen which layers are watched, by path
    /// @throws IllegalArgumentException when there is none
    public SignalProbe(Module model, Predicate<String> chosen) {
        model.modules().forEach((path, module) -> {
            if (module instanceof Layer layer && chosen.test(path)) {
                hooks.add(layer.onOutput(y -> seen(path, y)));
            }
        });
        if (hooks.isEmpty()) {
            throw new IllegalArgumentException("signal probe: expected paths of layers to be chosen among "
                    + model.modules().keySet() + ", got none");
        }
    }

    private Tensor seen(String path, Tensor y) {
        double output = size(y);
        signals.put(path, new Signal(output, Double.NaN));
        if (y.requiresGradient()) {
            y.onGradient(dy -> {
                signals.put(path, new Signal(output, size(dy)));
                return dy;
            });
        }
        return y;
    }

    /// The layers that were called, in the order of their first calls.
    public SequencedMap<String, Signal> signals() {
        return new LinkedHashMap<>(signals);
    }

    /// The norms `√Σg²` of the gradients that the parameters of `model` hold, by path.
    public static SequencedMap<String, Double> gradientNorms(Module model) {
        SequencedMap<String, Double> norms = new LinkedHashMap<>();
        model.parameters().forEach((path, parameter) -> {
            Tensor gradient = parameter.gradient();
            if (gradient != null) {
                norms.put(path, size(gradient) * Math.sqrt(gradient.size()));
            }
        });
        return norms;
    }

    private static double size(Tensor x) {
        return x.size() == 0
                ? 0
                : Math.sqrt(Recording.off(() -> x.detach().square().mean()).item());
    }

    /// Stops watching.
    @Override
    public void close() {
        hooks.forEach(GradientHook::close);
    }
}
