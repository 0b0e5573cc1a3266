package org.lehr.engine.autograd;

import java.util.List;
import org.lehr.engine.tensor.Differentiator;
import org.lehr.engine.tensor.Tensor;

/// The differentiator behind [Tensor#backward].
public final class Tape implements Differentiator {

    /// As `ServiceLoader` needs it.
    public Tape() {}

    @Override
    public void backward(Tensor root, Tensor seed, boolean retainGraph) {
        new BackwardPass(false, retainGraph).intoLeaves(List.of(root), List.of(seed));
    }
}
