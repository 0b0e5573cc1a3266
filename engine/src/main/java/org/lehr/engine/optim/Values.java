package org.lehr.engine.optim;

import java.util.Map;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;

/// The values that an optimizer changes: parameters, or their float32 masters where it keeps such.
public final class Values {

    private final Map<String, Tensor> state;

    private Values(Map<String, Tensor> state) {
        this.state = state;
    }

    /// Those of an optimizer that may have masters.
    public static Values of(Optimizer optimizer) {
        return new Values(optimizer.state());
    }

    /// The value, to be read only.
    public Tensor get(String path, Parameter parameter) {
        Tensor master = state.get("master/" + path);
        return (master == null ? parameter.own() : master).detach();
    }

    /// Overwrites it, and rounds it into the parameter where it is a master.
    public void set(String path, Parameter parameter, Tensor value) {
        Tensor master = state.get("master/" + path);
        if (master == null) {
            parameter.set(value);
        } else {
            value.storage().complete();
            master.copyFrom(value);
            parameter.set(master);
        }
    }
}
