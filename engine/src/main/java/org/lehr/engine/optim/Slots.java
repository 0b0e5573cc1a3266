package org.lehr.engine.optim;

import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.transform.Memory;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// The tensors that an optimizer keeps: slots for each parameter, in float32 (float64 for float64 parameters) or,
/// for moments, in a [StateFormat]; and slots that all share. A bfloat16 parameter has a float32 master besides,
/// which is what is updated: steps smaller than the spacing of bfloat16 numbers would be lost otherwise
/// (Micikevicius et al. 2018).
public final class Slots implements Memory {

    private static final String MASTER = "master";

    /// How many steps there were before a parameter came: a scalar for each that was not there from the
    /// beginning.
    private static final String BEGUN = "begun";

    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<Slot> slots;
    private final StateFormat format;
    private final boolean masters;
    private List<ParameterGroup> groups;

    /// Zeros in full precision, in slots of these names.
    Slots(List<ParameterGroup> groups, String... names) {
        this(groups, Stream.of(names).map(Slot::zeros).toList(), StateFormat.FULL, true);
    }

    /// @param masters whether bfloat16 parameters have masters here
    /// @throws IllegalArgumentException when a parameter, a path or a slot is there twice
    public Slots(List<ParameterGroup> groups, List<Slot> slots, StateFormat format, boolean masters) {
        requireDistinct(groups);
        TreeSet<String> names = new TreeSet<>();
        for (Slot slot : slots) {
            if (!names.add(slot.name())) {
                throw new IllegalArgumentException(
                        "optimizer: two of its parts keep a slot named " + slot.name() + "; use one of them");
            }
        }
        this.groups = List.copyOf(groups);
        this.slots = List.copyOf(slots);
        this.format = format;
        this.masters = masters;
        slots.stream()
                .filter(Slot::shared)
                .forEach(slot -> keep(slot.name(), slot.initial().apply(null), null));
        groups.forEach(this::make);
    }

    private void make(ParameterGroup group) {
        group.parameters()
                .forEach((path, parameter) -> Recording.off(() -> {
                    Tensor own = parameter.own().detach();
                    Tensor value = own.dtype() == DType.BFLOAT16 ? own.to(DType.FLOAT32) : own;
                    for (Slot slot : slots) {
                        if (!slot.shared()) {
                            keep(slot, path, slot.initial().apply(value), null);
                        }
                    }
                    if (masters && own.dtype() == DType.BFLOAT16) {
                        keep(MASTER + "/" + path, value, null);
                    }
                    return null;
                }));
    }

    private void keep(Slot slot, String path, Tensor value, Scope step) {
        String key = slot.name() + "/" + path;
        if (slot.kind() != Slot.Kind.EXACT && format == StateFormat.BFLOAT16 && value.dtype() == DType.FLOAT32) {
            keep(key, value.to(DType.BFLOAT16), step);
        } else if (slot.kind() != Slot.Kind.EXACT && format == StateFormat.BLOCK8 && BlockQuantized.suits(value)) {
            BlockQuantized parts = BlockQuantized.of(value, slot.kind() == Slot.Kind.MEAN);
            keep(key, parts.codes(), step);
            keep(key + BlockQuantized.SCALES, parts.scales(), step);
        } else {
            keep(key, value, step);
        }
    }

    /// Makes `value` outlive every scope: memory that `step` would release is taken over, all other is
    /// copied.
    private void keep(String key, Tensor value, Scope step) {
        Tensor own = value.contiguous().detach();
        boolean whole =
                own.storage().byteSize() < (own.size() + 1) * own.dtype().bytes();
        if (step == null || !step.holds(own.storage()) || !whole) {
            own = Tensor.empty("optimizer " + key, value.device(), value.dtype(), value.shape());
            own.copyFrom(value.detach());
        }
        own.storage().complete();
        Scope.detach(own.storage());
        replace(key, own);
    }

    private void replace(String key, Tensor own) {
        Tensor before = tensors.put(key, own);
        if (before != null) {
            before.storage().release();
        }
    }

    /// Slots for parameters that come after `steps` steps.
    public void add(ParameterGroup group, long steps) {
        List<ParameterGroup> more =
                Stream.concat(groups.stream(), Stream.of(group)).toList();
        requireDistinct(more);
        groups = more;
        make(group);
        group.parameters()
                .keySet()
                .forEach(path -> keep(BEGUN + "/" + path, Tensor.full(steps, Device.current(), DType.INT64), null));
    }

    /// All groups, in the order in which they came.
    public List<ParameterGroup> groups() {
        return groups;
    }

    /// How many steps there were before the group came.
    public long begun(ParameterGroup group) {
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

    /// The value of a slot as it is kept, or widened from fewer bits.
    @Override
    public Tensor get(String name, String path) {
        String key = path.isEmpty() ? name : name + "/" + path;
        Tensor kept = tensors.get(key);
        if (kept == null) {
            throw new IllegalArgumentException("optimizer: no slot " + key + "; there are " + tensors.keySet());
        }
        Tensor scales = tensors.get(key + BlockQuantized.SCALES);
        if (scales != null) {
            return new BlockQuantized(kept, scales, slot(name).kind() == Slot.Kind.MEAN).tensor();
        }
        return kept.dtype() == DType.BFLOAT16 ? kept.to(DType.FLOAT32) : kept;
    }

    private Slot slot(String name) {
        return slots.stream()
                .filter(slot -> slot.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("optimizer: no slot " + name + " among " + slots));
    }

    /// Gives slots of a parameter (shared ones, for an empty path) other values.
    ///
    /// @param step the scope whose memory may be taken over; null for none
    public void set(String path, Map<String, Tensor> values, Scope step) {
        values.forEach((name, value) -> {
            if (path.isEmpty()) {
                keep(name, value, step);
            } else {
                keep(slot(name), path, value, step);
            }
        });
    }

    /// The state tensors by path.
    public SequencedMap<String, Tensor> all() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    /// Keeps the tensors elsewhere; see [Optimizer#relocate].
    public void relocate(BiFunction<String, Tensor, Tensor> where) {
        tensors.replaceAll(where);
    }

    /// Checks that `state` can be loaded.
    public void requireFit(long steps, Map<String, Tensor> state) {
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
    }

    public void load(long steps, Map<String, Tensor> state) {
        requireFit(steps, state);
        tensors.forEach((path, own) -> own.copyFrom(state.get(path)));
    }
}
