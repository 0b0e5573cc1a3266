package org.lehr.engine.nn;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Linear;
import org.lehr.kernels.DType;

/// A row of `weight [entries, width]` for each index. `indices int [...] → [..., width]`
public final class Embedding extends Layer {

    private final Parameter weight;

    public Embedding(long entries, long width, Initializer initializer, RandomStream random) {
        if (entries < 1 || width < 1) {
            throw new IllegalArgumentException("embedding: sizes must be positive, got " + entries + " x " + width);
        }
        weight = parameter("weight", initializer.make(DType.FLOAT32, Shape.of(entries, width), random.split("weight")));
    }

    @Override
    protected Tensor forward(Tensor indices) {
        return org.lehr.engine.tensor.op.Embedding.embedding(weight.value(), indices);
    }

    /// How alike `x` is to the row of each entry: the logits of a model whose head is its embedding.
    /// `x [..., width] → [..., entries]`
    public Tensor scores(Tensor x) {
        return Linear.linear(x, weight.value(), null);
    }

    public Parameter weight() {
        return weight;
    }
}
