package org.lehr.engine.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// The tensors that an optimizer keeps for its parameters, each in float32 (float64 for float64 parameters), zero at
/// first.
final class Slots {

    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

    Slots(List<ParameterGroup> groups, String... names) {
        for (ParameterGroup group : groups) {
            group.parameters().forEach((path, parameter) -> {
                for (String name : names) {
                    if (tensors.put(name + "/" + path, zeros(name, parameter)) != null) {
                        throw new IllegalArgumentException("optimizer: " + path + " stands in two groups");
                    }
                }
            });
        }
    }

    private static Tensor zeros(String name, Parameter parameter) {
        Tensor own = parameter.own();
        DType dtype = own.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        Tensor slot = Tensor.empty("optimizer " + name, own.device(), dtype, own.shape());
        slot.fill(0);
        Scope.detach(slot.view().storage());
        return slot;
    }

    Tensor get(String name, String path) {
        return tensors.get(name + "/" + path);
    }

    SequencedMap<String, Tensor> all() {
        return tensors;
    }

    void load(Map<String, Tensor> state) {
        TreeSet<String> missing = new TreeSet<>(tensors.keySet());
        missing.removeAll(state.keySet());
        TreeSet<String> unexpected = new TreeSet<>(state.keySet());
        unexpected.removeAll(tensors.keySet());
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw new IllegalArgumentException("optimizer state: missing " + missing + ", unexpected " + unexpected);
        }
        tensors.forEach((path, own) -> {
            if (!own.shape().equals(state.get(path).shape())) {
                throw new IllegalArgumentException("optimizer state: " + path + " has shape " + own.shape()
                        + ", the saved one " + state.get(path).shape());
            }
        });
        tensors.forEach((path, own) -> own.copyFrom(state.get(path)));
    }
}
