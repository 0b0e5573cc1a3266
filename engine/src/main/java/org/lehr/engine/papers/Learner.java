package org.lehr.engine.papers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.train.Objective;
import org.lehr.engine.train.Trainer;
import org.lehr.kernels.memory.Scope;

/// A network that learns classes from batches, usually drawn at random from examples.
public final class Learner implements Objective<Examples> {

    private static final double NO_CLIP = Double.POSITIVE_INFINITY;

    private final Layer network;
    private final LongFunction<Examples> batches;
    private final Trainer<Examples> trainer;
    private long drawn;

    /// @param batch how many examples a step sees
    /// @param order which ones
    public Learner(Layer network, Examples examples, int batch, Recipe recipe, RandomStream order) {
        this(network, step -> examples.draw(batch, order.split(step)), recipe);
    }

    /// @param batches what each step sees
    public Learner(Layer network, LongFunction<Examples> batches, Recipe recipe) {
        this.network = network;
        this.batches = batches;
        Optimizer optimizer = recipe.over(List.of(ParameterGroup.all(network)));
        this.trainer = new Trainer<>(network, this, optimizer, new Trainer.Form(1, NO_CLIP));
    }

    /// What takes the steps.
    public Trainer<Examples> trainer() {
        return trainer;
    }

    /// Takes some steps and returns the mean of their losses.
    public double learn(int steps) {
        double sum = 0;
        for (int step = 0; step < steps; step++) {
            sum += trainer.step().loss();
        }
        return sum / steps;
    }

    /// The mean loss of `other` with the network as it is used, outside training.
    public double lossOf(Examples other) {
        return used(() -> CrossEntropy.crossEntropy(network.apply(other.x()), other.labels())
                .item());
    }

    /// The share of `other` whose class is recognised.
    public double accuracy(Examples other) {
        return used(() -> other.accuracy(network));
    }

    private double used(Supplier<Double> work) {
        network.train(false);
        try (var _ = Scope.open()) {
            return Autograd.noGradient(work);
        } finally {
            network.train(true);
        }
    }

    @Override
    public Examples next() {
        return batches.apply(drawn++);
    }

    @Override
    public Tensor loss(Examples batch) {
        return CrossEntropy.crossEntropy(network.apply(batch.x()), batch.labels());
    }

    @Override
    public long items(Examples batch) {
        return batch.count();
    }

    @Override
    public SequencedMap<String, Long> place() {
        return new LinkedHashMap<>(Map.of("drawn", drawn));
    }

    @Override
    public void restore(Map<String, Long> place) {
        drawn = place.get("drawn");
    }
}
