package org.lehr.engine.nn;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.lehr.engine.tensor.Tensor;

/// Modules as functions of their parameters.
public final class Functional {

    private Functional() {}

    /// Runs `work` with other tensors in place of parameters of `module`, which stays as it is. Gradients
    /// flow to the substitutes; what they were computed from is differentiated through.
    ///
    /// @param substitutes by path, as in [Module#parameters]; the other parameters keep their values
    /// @throws IllegalArgumentException naming a path that the module does not have, or shapes that differ
    public static <T> T call(Module module, Map<String, Tensor> substitutes, Supplier<T> work) {
        SequencedMap<String, Parameter> parameters = module.parameters();
        Map<Parameter, Tensor> places = new IdentityHashMap<>();
        substitutes.forEach((path, tensor) -> {
            Parameter parameter = parameters.get(path);
            if (parameter == null) {
                throw new IllegalArgumentException(
                        "functional call: no parameter '" + path + "', there are " + parameters.keySet());
            }
            if (!tensor.shape().equals(parameter.own().shape())) {
                throw new IllegalArgumentException("functional call: " + path + " has shape "
                        + parameter.own().shape() + ", its substitute " + tensor.shape());
            }
            places.put(parameter, tensor);
        });
        return Parameter.substituting(places, work);
    }
}
