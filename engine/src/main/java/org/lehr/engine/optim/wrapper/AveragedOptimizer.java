package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;

/// What averages of parameters share: the average is what is used, and training goes on without it. The values of
/// training are kept besides, so that a checkpoint with the average in it goes on with the same bits.
abstract class AveragedOptimizer extends WrappedOptimizer {

    private final String trained;

    /// @param name of the average, before those of its slots
    /// @param averages what the average is made of
    AveragedOptimizer(Optimizer inner, String name, List<Slot> averages) {
        String trained = name + ".trained";
        super(
                inner,
                Stream.concat(averages.stream(), Stream.of(Slot.of(trained, p -> p)))
                        .toList());
        this.trained = trained;
    }

    /// Whether there is an average yet.
    abstract boolean isThere();

    /// The average of a parameter.
    abstract Tensor average(String path);

    /// Notes the value with which training goes on.
    final void keep(String path, Tensor value) {
        set(trained, path, value);
    }

    @Override
    public <T> T evaluating(Supplier<T> work) {
        if (!isThere()) {
            return inner().evaluating(work);
        }
        forEach((path, parameter) -> parameter.set(average(path)));
        try {
            return work.get();
        } finally {
            training();
        }
    }

    @Override
    public void training() {
        inner().training();
        if (steps() > 0) {
            forEach((path, parameter) -> parameter.set(slot(trained, path)));
        }
    }

    @Override
    public boolean isSeparate() {
        return inner().isSeparate();
    }
}
