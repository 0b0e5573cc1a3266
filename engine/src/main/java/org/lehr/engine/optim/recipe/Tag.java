package org.lehr.engine.optim.recipe;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.AddDecay;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;

/// Task-based accumulated gradients (Malviya et al. 2021): RMSProp for tasks that come one after another. Each task
/// keeps its running mean `M` and square `V` of gradients; where the present task pulls a layer the way of an
/// earlier one, the latter counts little and the step is long, where it pulls against it, the step is short: `u =
/// g/(√Σ_τ α(τ)·V_τ + ε)`, `α(τ) = exp(−b·cos(M, M_τ))`, and of the present task itself `exp(−b)`, or 1 for the
/// first. State: two tensors for each task.
///
/// @param rate learning rate
/// @param task the number of the task by step, from 0
/// @param tasks how many there will be
/// @param beta1 decay of the mean
/// @param beta2 decay of the square
/// @param strength b
/// @param epsilon added to the root
/// @param weightDecay of the penalty `λ/2·p²`
public record Tag(
        @Default("1e-3") Schedule rate,
        @Default("0") Schedule task,
        @Default("1") long tasks,
        @Default("0.9") Schedule beta1,
        @Default("0.99") Schedule beta2,
        @Default("5") double strength,
        @Default("1e-8") double epsilon,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String MEAN = "mean.";
    private static final String SQUARE = "square.";

    public Tag {
        if (tasks < 1) {
            throw new IllegalArgumentException("tag: needs at least one task, got " + tasks);
        }
    }

    @Override
    public List<Transform> chain() {
        List<Slot> slots = new ArrayList<>();
        for (long i = 0; i < tasks; i++) {
            slots.add(Slot.mean(MEAN + i));
            slots.add(Slot.square(SQUARE + i));
        }
        return List.of(
                new AddDecay(weightDecay),
                Rule.ofUpdate(this::direction, slots.toArray(Slot[]::new)),
                new ScaleByRate(rate));
    }

    /// `α` for the cosine of the angle between the means of two tasks.
    public static double weight(double strength, double cosine) {
        return StrictMath.exp(-strength * cosine);
    }

    private Update direction(Update update, Cell cell) {
        double b1 = cell.fraction("tag: beta1", beta1);
        double b2 = cell.fraction("tag: beta2", beta2);
        long now = (long) cell.amount("tag: the task", task);
        if (now >= tasks) {
            throw new IllegalArgumentException("tag: the task must be below " + tasks + ", got " + now);
        }
        Tensor g = update.tensor();
        Tensor m = cell.set(MEAN + now, cell.get(MEAN + now).mul(b1).add(g.mul(1 - b1)));
        Tensor v = cell.set(
                SQUARE + now, cell.get(SQUARE + now).mul(b2).add(g.square().mul(1 - b2)));
        Tensor sum = now == 0 ? v : v.mul(weight(strength, 1));
        for (long earlier = 0; earlier < now; earlier++) {
            Tensor before = cell.get(MEAN + earlier);
            double lengths = Norms.two(m) * Norms.two(before);
            double cosine = lengths == 0 ? 0 : Norms.dot(m, before) / lengths;
            sum = sum.add(cell.get(SQUARE + earlier).mul(weight(strength, cosine)));
        }
        return Update.quotient(g, sum.sqrt().add(epsilon));
    }
}
