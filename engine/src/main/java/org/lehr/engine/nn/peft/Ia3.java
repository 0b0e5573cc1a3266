package org.lehr.engine.nn.peft;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Learned factors of activations (Liu et al. 2022): the outputs of the chosen maps are multiplied by `PATH.ia3 [out]`,
/// or
/// their inputs by `PATH.ia3 [in]`; all ones at first. Weights `[out, in]` are scaled in place of what they give or
/// take.
/// Meant for keys and values (outputs) and for the last map of a feed-forward layer (inputs); maps without bias.
public final class Ia3 extends Attachment {

    private Ia3() {}

    /// Scales by the matrices of `model` that the predicates accept by path and value. The model is not frozen by
    /// this.
    ///
    /// @param outputs maps whose outputs are scaled
    /// @param inputs maps whose inputs are scaled
    public static Ia3 attach(
            Module model, BiPredicate<String, Parameter> outputs, BiPredicate<String, Parameter> inputs) {
        Ia3 ia3 = new Ia3();
        List<GradientHook> hooks = new ArrayList<>();
        matrices("ia3", model, outputs.or(inputs)).forEach((path, weight) -> {
            boolean rows = outputs.test(path, weight);
            if (weight.own().rank() != 2) {
                throw new IllegalArgumentException("ia3: " + path + " must be a matrix [out, in], got "
                        + weight.own().shape());
            }
            long count = weight.own().extent(rows ? 0 : 1);
            Parameter factors =
                    ia3.parameter(path + ".ia3", Tensor.full(1, weight.own().device(), DType.FLOAT32, count));
            hooks.add(weight.adapt(value -> {
                Tensor scale = factors.value().to(value.dtype());
                return value.mul(rows ? scale.unsqueeze(1) : scale);
            }));
        });
        ia3.attached(hooks);
        return ia3;
    }
}
