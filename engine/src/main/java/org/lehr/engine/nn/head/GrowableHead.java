package org.lehr.engine.nn.head;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;

/// A linear classifier that gets further classes during training. `x [..., in] → [..., classes]`
///
/// Classes that came together have a map of their own, `parts.0`, `parts.1`, ...; those that are there never change
/// their
/// memory, so an optimizer's state for them stays as it is. What [#grow] returns goes to the optimizer, by
/// `optimizer.add(new ParameterGroup(added, 1, 1))`. To load a checkpoint, grow to its [#parts] first.
public final class GrowableHead extends Layer {

    private final long in;
    private final boolean bias;
    private final RandomStream random;
    private final List<Linear> parts = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();

    /// A head without classes.
    ///
    /// @param random where the first values of class number `n` come from; nothing is drawn twice
    public GrowableHead(long in, boolean bias, RandomStream random) {
        if (in < 1) {
            throw new IllegalArgumentException("growable head: needs a positive width, got " + in);
        }
        this.in = in;
        this.bias = bias;
        this.random = random;
    }

    /// Adds `count` classes behind those that are there, and returns their parameters by path within this head.
    public SequencedMap<String, Parameter> grow(long count) {
        String name = "parts." + parts.size();
        Linear part = child(name, new Linear(in, count, bias, random.split(parts.size())));
        parts.add(part);
        sizes.add(count);
        SequencedMap<String, Parameter> added = new LinkedHashMap<>();
        part.parameters().forEach((path, parameter) -> added.put(name + "." + path, parameter));
        return added;
    }

    /// How many classes there are.
    public long classes() {
        return sizes.stream().mapToLong(Long::longValue).sum();
    }

    /// How many classes came each time.
    public List<Long> parts() {
        return List.copyOf(sizes);
    }

    @Override
    protected Tensor forward(Tensor x) {
        if (parts.isEmpty()) {
            throw new IllegalStateException("growable head: there are no classes yet; grow it first");
        }
        Tensor[] logits = parts.stream().map(part -> part.apply(x)).toArray(Tensor[]::new);
        return logits.length == 1 ? logits[0] : Concat.concat(-1, logits);
    }
}
