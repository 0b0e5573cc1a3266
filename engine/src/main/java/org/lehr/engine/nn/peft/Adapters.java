package org.lehr.engine.nn.peft;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Narrow layers behind layers (Houlsby et al. 2019): `y + up(f(down(y)))` in place of each chosen layer's output `y`,
/// where
/// `up` begins at zero. Children `PATH.down [width, n]` and `PATH.up [n, width]`.
public final class Adapters extends Attachment {

    private Adapters() {}

    /// One adapter behind every layer of `model` that `chosen` accepts by path. The model is not frozen by this.
    ///
    /// @param n the last extent of these layers' outputs
    /// @param width inner width, at least 1
    public static Adapters attach(
            Module model,
            BiPredicate<String, Layer> chosen,
            long n,
            long width,
            Activation activation,
            RandomStream random) {
        Adapters adapters = new Adapters();
        List<GradientHook> hooks = new ArrayList<>();
        model.modules().forEach((path, module) -> {
            if (module instanceof Layer layer && chosen.test(path, layer)) {
                hooks.add(layer.onOutput(adapters.behind(path, n, width, activation, random)::apply));
            }
        });
        if (hooks.isEmpty()) {
            throw new IllegalArgumentException("adapters: no layer of the model was chosen; its modules are "
                    + model.modules().keySet());
        }
        adapters.attached(hooks);
        return adapters;
    }

    private Bottleneck behind(String path, long n, long width, Activation activation, RandomStream random) {
        RandomStream here = random.split(path);
        return new Bottleneck(
                child(path + ".down", new Linear(n, width, true, here)),
                child(
                        path + ".up",
                        new Linear(width, n, Initializer.constant(0), Initializer.constant(0), here.split("up"))),
                activation);
    }

    private record Bottleneck(Linear down, Linear up, Activation activation) {
        Tensor apply(Tensor y) {
            return y.add(up.apply(activation.apply(down.apply(y))));
        }
    }
}
