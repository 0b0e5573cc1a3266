package org.lehr.engine.optim;

import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// The tensors that an optimizer keeps for its parameters, each in float32 (float64 for float64
/// parameters), zero at first. A bfloat16 parameter has a float32 master besides, which is what is
/// updated: steps smaller than the spacing of bfloat16 numbers would be lost otherwise (Micikevicius et
/// al. 2018).
final class Slots {

    private static final String MASTER = "master";

    /// How many steps there were before a parameter came: a scalar for each that was not there from the beginning.
    private static final String BEGUN = "begun";

    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<String> names;
    private List<ParameterGroup> groups;

    Slots(List<ParameterGroup> groups, String... names) {
        requireDistinct(groups);
        this.groups = List.copyOf(groups);
        this.names = List.of(names);
        groups.forEach(this::make);
    }

    private void make(ParameterGroup group) {
        group.parameters().forEach((path, parameter) -> {
            for (String name : names) {
                tensors.put(name + "/" + path, zeros(name, parameter));
            }
            if (parameter.own().dtype() == DType.BFLOAT16) {
                Tensor master = zeros(MASTER, parameter);
                master.copyFrom(parameter.own().detach());
                tensors.put(MASTER + "/" + path, master);
            }
        });
    }

    /// Slots for parameters that come after `steps` steps.
    void add(ParameterGroup group, long steps) {
        List<ParameterGroup> more =
                Stream.concat(groups.stream(), Stream.of(group)).toList();
        requireDistinct(more);
        groups = more;
        make(group);
        group.parameters().keySet().forEach(path -> {
            Tensor begun = Tensor.full(steps, Device.cpu(), DType.INT64);
            Scope.detach(begun.storage());
            tensors.put(BEGUN + "/" + path, begun);
        });
    }

    /// All groups, in the order in which they came.
    List<ParameterGroup> groups() {
        return groups;
    }

    /// How many steps there were before the group came.
    long begun(ParameterGroup group) {
        Tensor begun = group.parameters().isEmpty()
                ? null
                : tensors.get(BEGUN + "/" + group.parameters().firstEntry().getKey());
        return begun == null ? 0 : Math.round(begun.item());
    }

    private static void requireDistinct(List<ParameterGroup> groups) {
        Map<String, Parameter> byPath = new HashMap<>();
        Map<Parameter, String> paths = new IdentityHashMap<>();
        for (ParameterGroup group : groups) {
            group.parameters().forEach((path, parameter) -> {
                String other = paths.put(parameter, path);
                if (other != null) {
                    throw new IllegalArgumentException("optimizer: the parameter " + path + " stands in two places"
                            + (other.equals(path) ? "" : ", also as " + other) + "; each may be updated once a step");
                }
                if (byPath.put(path, parameter) != null) {
                    throw new IllegalArgumentException("optimizer: two parameters have the path " + path
                            + "; make their modules children of one parent module and take the groups from it, so that"
                            + " their paths differ");
                }
            });
        }
    }

    /// The tensor that an update changes: the parameter itself, or its master.
    Tensor updated(String path, Parameter parameter) {
        Tensor updated = tensors.getOrDefault(MASTER + "/" + path, parameter.own());
        updated.storage().settle();
        return updated;
    }

    /// A parameter's gradient, dense and of the dtype of what is updated.
    static Tensor gradient(Parameter parameter) {
        Tensor gradient = parameter.gradient().contiguous();
        return gradient.dtype() == DType.BFLOAT16 ? gradient.to(DType.FLOAT32) : gradient;
    }

    /// Notes that the parameters of a group with gradients were updated, and rounds masters into them.
    void written(ParameterGroup group) {
        group.parameters().forEach((path, parameter) -> {
            Tensor master = tensors.get(MASTER + "/" + path);
            if (parameter.gradient() != null && master != null) {
                parameter.set(master);
            } else if (parameter.gradient() != null) {
                parameter.own().storage().written();
            }
        });
    }

    private static Tensor zeros(String name, Parameter parameter) {
        Tensor own = parameter.own();
        DType dtype = own.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        Tensor slot = Tensor.empty("optimizer " + name, own.device(), dtype, own.shape());
        slot.fill(0);
        Scope.detach(slot.storage());
        return slot;
    }

    Tensor get(String name, String path) {
        return tensors.get(name + "/" + path);
    }

    SequencedMap<String, Tensor> all() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    void load(long steps, Map<String, Tensor> state) {
        if (steps < 0) {
            throw new IllegalArgumentException("optimizer state: steps must not be negative, got " + steps);
        }
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
