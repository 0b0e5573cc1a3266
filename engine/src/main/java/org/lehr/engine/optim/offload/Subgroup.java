package org.lehr.engine.optim.offload;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Parameters that are updated together, and their state, whose home is a region of a file. Away from home it is in
/// memory.
final class Subgroup {

    // Whole vectors and cache lines.
    private static final int ALIGNMENT = 64;

    private final Optimizer optimizer;
    private final List<Parameter> parameters;
    private final Map<String, MemorySegment> places = new HashMap<>();
    private final Map<String, Tensor> home = new HashMap<>();
    private final long bytes;

    /// Moves the state of `optimizer` into the file.
    Subgroup(Optimizer optimizer, StateFile file) {
        this.optimizer = optimizer;
        this.parameters = optimizer.groups().stream()
                .map(ParameterGroup::parameters)
                .flatMap(group -> group.values().stream())
                .toList();
        long end = 0;
        Map<String, Long> offsets = new HashMap<>();
        for (Map.Entry<String, Tensor> one : optimizer.state().entrySet()) {
            offsets.put(one.getKey(), end);
            end += Math.ceilDiv(size(one.getValue()), ALIGNMENT) * ALIGNMENT;
        }
        this.bytes = optimizer.stateBytes();
        MemorySegment region = file.extend(end);
        optimizer.state().forEach((path, tensor) -> places.put(path, region.asSlice(offsets.get(path), size(tensor))));
        store(leave());
    }

    private static long size(Tensor tensor) {
        return tensor.size() * tensor.dtype().bytes();
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /// Of its parameters.
    List<String> paths() {
        return optimizer.groups().stream()
                .flatMap(group -> group.parameters().sequencedKeySet().stream())
                .toList();
    }

    /// What its state takes.
    long bytes() {
        return bytes;
    }

    /// How many numbers are updated.
    long size() {
        return parameters.stream()
                .mapToLong(parameter -> parameter.own().size())
                .sum();
    }

    /// Whether there is a gradient.
    boolean isDue() {
        return parameters.stream().anyMatch(parameter -> parameter.gradient() != null);
    }

    /// Copies of the state in memory, which belong to nobody yet.
    Map<String, Tensor> copies() {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        optimizer.state().forEach((path, tensor) -> {
            Tensor copy = Tensor.empty("optimizer " + path, tensor.device(), tensor.dtype(), tensor.shape());
            copy.storage().segment().copyFrom(places.get(path));
            copies.put(path, copy);
        });
        return copies;
    }

    /// Goes on with `copies` of the state.
    void use(Map<String, Tensor> copies) {
        optimizer.relocate((path, _) -> copies.get(path));
    }

    /// Goes on with the state at home, where what was away has to be [stored][#store] before it is looked at.
    ///
    /// @return what was away
    Map<String, Tensor> leave() {
        Map<String, Tensor> away = new LinkedHashMap<>();
        optimizer.relocate((path, tensor) -> {
            if (tensor == home.get(path)) {
                return tensor;
            }
            away.put(path, tensor);
            Tensor back = new Tensor(
                    View.rowMajor(
                            Storage.of(places.get(path), "optimizer " + path),
                            tensor.dtype(),
                            tensor.shape().toArray()),
                    tensor.device());
            home.put(path, back);
            return back;
        });
        return away;
    }

    /// Copies what was away home, and gives its memory back.
    void store(Map<String, Tensor> away) {
        away.forEach((path, tensor) -> {
            MemorySegment place = places.get(path);
            Storage storage = tensor.storage();
            place.copyFrom(storage.segment().asSlice(0, place.byteSize()));
            storage.release();
        });
    }
}
