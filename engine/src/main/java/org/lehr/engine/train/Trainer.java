package org.lehr.engine.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.distributed.Replicas;
import org.lehr.engine.nn.Module;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.GradientClip;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.schedule.control.Listener;
import org.lehr.engine.tensor.NotFiniteException;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// The training step: batches, forward, backward, clipping, update. One scope a step returns all memory
/// that the step took, so its use is the same in every step.
///
/// @param <B> a batch of the objective
public final class Trainer<B> {

    /// How a step is formed.
    ///
    /// @param accumulate how many batches one step sums over
    /// @param clip largest norm of the whole gradient; infinite for no clipping
    public record Form(int accumulate, double clip) {

        /// One batch a step, gradients clipped to a norm of 1.
        public static final Form DEFAULT = new Form(1, 1);

        public Form {
            if (accumulate < 1 || !(clip > 0)) {
                throw new IllegalArgumentException("trainer: needs at least one batch a step and a clip above 0, got "
                        + accumulate + " and " + clip);
            }
        }
    }

    private static final double NO_CLIP = Double.POSITIVE_INFINITY;
    private static final Runnable NO_GUARD = () -> {};

    private final Module module;
    private final Objective<B> objective;
    private final Optimizer optimizer;
    private final Form form;
    private final Listener listener;
    private final Replicas replicas;
    private Runnable guard = NO_GUARD;

    public Trainer(Module module, Objective<B> objective, Optimizer optimizer, Form form) {
        this(module, objective, optimizer, form, Listener.NONE);
    }

    /// @param listener follows the training for a schedule of the optimizer
    public Trainer(Module module, Objective<B> objective, Optimizer optimizer, Form form, Listener listener) {
        this(module, objective, optimizer, form, listener, null);
    }

    /// One of several ranks that take the same steps.
    ///
    /// @param objective of this rank's share of the batches
    /// @param replicas of `module` on all ranks; null for a training of its own
    /// @throws IllegalArgumentException when there are replicas and the optimizer wants more than gradients
    public Trainer(
            Module module,
            Objective<B> objective,
            Optimizer optimizer,
            Form form,
            Listener listener,
            Replicas replicas) {
        if (replicas != null && optimizer.demand() != Optimizer.Demand.GRADIENT) {
            throw new IllegalArgumentException(
                    "trainer: ranks share gradients, but this optimizer asks for " + optimizer.demand());
        }
        this.module = module;
        this.objective = objective;
        this.optimizer = optimizer;
        this.form = form;
        this.listener = listener;
        this.replicas = replicas;
        if (optimizer.demand() == Optimizer.Demand.ARRIVAL && (form.accumulate > 1 || form.clip < NO_CLIP)) {
            throw new IllegalArgumentException("trainer: an optimizer that updates during the backward pass never sees"
                    + " the whole gradient: expected one batch a step and a clip of Infinity, got " + form.accumulate
                    + " and " + form.clip);
        }
    }

    /// How many steps were taken.
    public long steps() {
        return optimizer.steps();
    }

    public Module module() {
        return module;
    }

    public Optimizer optimizer() {
        return optimizer;
    }

    public Objective<B> objective() {
        return objective;
    }

    /// Follows the training for a schedule. Told of steps by this trainer, of validations by whoever validates.
    public Listener listener() {
        return listener;
    }

    /// Whether all ranks are to do what any of them wants; alone, what this one wants.
    public boolean agree(boolean wanted) {
        return replicas == null ? wanted : replicas.any(wanted);
    }

    /// Brings all ranks to the same state, before the first step and after a checkpoint was loaded. Alone, it does
    /// nothing.
    public void align() {
        if (replicas != null) {
            replicas.align();
        }
    }

    /// Runs `guard`, in place of one given earlier, before each change of parameters and optimizer state: for one
    /// who
    /// reads them beside the forward and backward pass. Null for none.
    void guardUpdates(Runnable guard) {
        this.guard = guard == null ? NO_GUARD : guard;
    }

    /// Takes one step.
    ///
    /// @throws DivergenceException when the loss or the gradient is not finite; nothing was updated then, unless
    /// the
    ///     optimizer updates during the backward pass
    public StepReport step() {
        listener.beginning(steps(), dial -> new TrainerTrial(this, dial));
        StepReport report = update();
        listener.trained(report.step(), report.loss());
        return report;
    }

    /// A step of which nobody is told.
    StepReport update() {
        long began = System.nanoTime();
        double rate = optimizer.rate();
        double loss = 0;
        long items = 0;
        clearGradients();
        double norm = 0;
        boolean arrives = optimizer.demand() == Optimizer.Demand.ARRIVAL;
        boolean looksAgain = !arrives && optimizer.demand() != Optimizer.Demand.GRADIENT;
        Arrivals arrivals = arrives ? new Arrivals(optimizer) : null;
        if (arrives) {
            guard.run();
        }
        List<Supplier<Tensor>> losses = new ArrayList<>();
        try (var _ = Scope.open()) {
            for (int i = 0; i < form.accumulate; i++) {
                B batch = objective.next();
                Map<RandomStream, RandomStream.State> places = places();
                boolean shared = replicas != null && i == form.accumulate - 1;
                Consumer<Tensor> told = arrives ? arrivals : shared ? replicas.exchange() : null;
                Consumer<Tensor> backward =
                        told == null ? value -> value.backward() : value -> Autograd.backward(value, told);
                loss += (optimizer.demand() == Optimizer.Demand.LOSS
                                ? value(batch, places)
                                : gradients(batch, places, backward))
                        / form.accumulate;
                items += objective.items(batch);
                norm = arrives ? arrivals.norm() : GradientClip.norm(optimizer.groups()) / form.accumulate;
                if (!Double.isFinite(norm)) {
                    throw diverged("the gradient's norm is " + norm, batch, places);
                }
                if (looksAgain) {
                    losses.add(() -> {
                        places.forEach(RandomStream::restore);
                        return objective.loss(batch);
                    });
                }
            }
            if (replicas != null) {
                replicas.averageGradients();
                loss = replicas.mean(loss);
                items *= replicas.size();
                norm = GradientClip.norm(optimizer.groups()) / form.accumulate;
            }
            Map<RandomStream, RandomStream.State> after = places();
            double scale = GradientClip.factor(norm, form.clip) / form.accumulate;
            guard.run();
            if (looksAgain) {
                optimizer.step(scale, new Evaluation(optimizer.groups(), losses, form.clip));
                after.forEach(RandomStream::restore);
            } else {
                optimizer.step(scale);
            }
            module.stepped();
            if (replicas != null) {
                replicas.averageBuffers();
            }
        }
        double seconds = (System.nanoTime() - began) * 1e-9;
        return new StepReport(optimizer.steps(), loss, rate, norm, items, seconds);
    }

    /// The loss of a batch alone.
    private double value(B batch, Map<RandomStream, RandomStream.State> places) {
        try (var _ = Scope.open()) {
            double value = Autograd.noGradient(() -> objective.loss(batch)).item();
            if (!Double.isFinite(value)) {
                throw diverged("the loss is " + value, batch, places);
            }
            return value;
        }
    }

    /// Adds the gradients of a batch to the parameters' own and returns its loss.
    private double gradients(B batch, Map<RandomStream, RandomStream.State> places, Consumer<Tensor> backward) {
        try (var _ = Scope.open()) {
            Tensor loss = objective.loss(batch);
            double value = loss.item();
            if (!Double.isFinite(value)) {
                throw diverged("the loss is " + value, batch, places);
            }
            backward.accept(loss);
            return value;
        }
    }

    /// Those of parameters that are not trained too, which would pile up otherwise.
    private void clearGradients() {
        module.clearGradients();
        optimizer.clearGradients();
    }

    private Map<RandomStream, RandomStream.State> places() {
        Map<RandomStream, RandomStream.State> places = new LinkedHashMap<>();
        module.streams().values().forEach(stream -> places.put(stream, stream.state()));
        return places;
    }

    /// Runs the batch again, with the same random numbers and every result looked at, to name the culprit.
    private DivergenceException diverged(String what, B batch, Map<RandomStream, RandomStream.State> places) {
        places.forEach(RandomStream::restore);
        clearGradients();
        String culprit;
        try {
            Autograd.traceNan(() -> {
                objective.loss(batch).backward();
                return null;
            });
            culprit = "no single operation made it: the sum over the batches of the step overflowed";
        } catch (NotFiniteException found) {
            culprit = found.getMessage();
        }
        return new DivergenceException("step " + (optimizer.steps() + 1) + ": " + what + "; " + culprit
                + ". Lower the learning rate or clip the gradient harder.");
    }
}
