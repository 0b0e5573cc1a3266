package org.lehr.engine.nn.head;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;

/// A layer of its own for each task, chosen by name: `heads.NAME`.
public final class MultiHead extends Module {

    private final SequencedMap<String, Layer> heads = new LinkedHashMap<>();

    /// Without heads.
    public MultiHead() {}

    /// Adds a head, and returns its parameters by path within this module, for the optimizer.
    ///
    /// @throws IllegalArgumentException when there is one of this name
    public SequencedMap<String, Parameter> add(String task, Layer head) {
        String path = "heads." + task;
        child(path, head);
        heads.put(task, head);
        SequencedMap<String, Parameter> added = new LinkedHashMap<>();
        head.parameters().forEach((name, parameter) -> added.put(path + "." + name, parameter));
        return added;
    }

    /// The names of the heads, in the order in which they came.
    public SequencedSet<String> tasks() {
        return Collections.unmodifiableSequencedMap(heads).sequencedKeySet();
    }

    /// What the head of one task makes of `x`.
    public Tensor apply(Tensor x, String task) {
        Layer head = heads.get(task);
        if (head == null) {
            throw new IllegalArgumentException("multi-head: no head '" + task + "', there are " + heads.keySet());
        }
        return head.apply(x);
    }

    /// What every head makes of `x`, by task.
    public Map<String, Tensor> applyAll(Tensor x) {
        SequencedMap<String, Tensor> all = new LinkedHashMap<>();
        heads.forEach((task, head) -> all.put(task, head.apply(x)));
        return all;
    }
}
