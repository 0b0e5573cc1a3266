package org.lehr.engine.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.schedule.control.Dial;
import org.lehr.engine.schedule.control.Trial;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// A [Trainer] that a search may try rates on. What decides how its training goes on is kept in memory: parameters
/// and buffers, the optimizer's state, the places of random streams and data.
public final class TrainerTrial implements Trial {

    private final Trainer<?> trainer;
    private final Dial rate;

    /// @param rate the schedule of the trainer's optimizer
    public TrainerTrial(Trainer<?> trainer, Dial rate) {
        this.trainer = trainer;
        this.rate = rate;
    }

    @Override
    public double step(double rate) {
        this.rate.set(rate);
        try {
            return trainer.update().loss();
        } catch (DivergenceException diverged) {
            return Double.POSITIVE_INFINITY;
        }
    }

    @Override
    public Saved save() {
        return new Kept(trainer, rate);
    }

    private static final class Kept implements Saved {

        private final Trainer<?> trainer;
        private final Dial rate;
        private final double value;
        private final SequencedMap<String, Tensor> module;
        private final SequencedMap<String, Tensor> optimizer;
        private final long steps;
        private final Map<RandomStream, RandomStream.State> streams = new LinkedHashMap<>();
        private final SequencedMap<String, Long> place;

        Kept(Trainer<?> trainer, Dial rate) {
            this.trainer = trainer;
            this.rate = rate;
            this.value = rate.value();
            this.module = copies(trainer.module().state());
            this.optimizer = copies(trainer.optimizer().state());
            this.steps = trainer.steps();
            trainer.module().streams().values().forEach(stream -> streams.put(stream, stream.state()));
            this.place = new LinkedHashMap<>(trainer.objective().place());
        }

        private static SequencedMap<String, Tensor> copies(SequencedMap<String, Tensor> tensors) {
            SequencedMap<String, Tensor> copies = new LinkedHashMap<>();
            tensors.forEach((path, tensor) -> {
                Tensor copy = Tensor.empty("trial", tensor.device(), tensor.dtype(), tensor.shape());
                Scope.detach(copy.storage());
                copy.copyFrom(tensor);
                copies.put(path, copy);
            });
            return copies;
        }

        @Override
        public void restore() {
            Optimizer own = trainer.optimizer();
            trainer.module().load(module);
            own.load(steps, optimizer);
            streams.forEach(RandomStream::restore);
            trainer.objective().restore(place);
            rate.set(value);
        }

        @Override
        public void close() {
            module.values().forEach(tensor -> tensor.storage().release());
            optimizer.values().forEach(tensor -> tensor.storage().release());
        }
    }
}
