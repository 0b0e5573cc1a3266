package org.lehr.engine.train.task;

import java.util.List;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.data.task.MemoryTask;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.ScheduleSpec;
import org.lehr.engine.train.Trainer;

/// A model that learns a memory task from the beginning, until it solves it or its steps are used up.
public final class TaskTrial {

    /// Share of right answers from which a task counts as solved.
    public static final double SOLVED = 0.998;

    private static final int CHECK_EVERY = 50;
    private static final int CHECKED_BATCHES = 4;
    private static final int MEASURED_BATCHES = 16;

    /// How a model is trained: AdamW, a warm-up of a tenth of the steps, and a rate that falls in the last third.
    ///
    /// @param steps at most so many
    /// @param batch sequences of a step
    /// @param learningRate the peak rate
    /// @param seed of the sequences
    public record Plan(int steps, int batch, double learningRate, long seed) {

        public Plan {
            if (steps < 1 || batch < 1 || !(learningRate > 0)) {
                throw new IllegalArgumentException("task: needs positive steps, batch and learning rate, got steps "
                        + steps + ", batch " + batch + ", learning rate " + learningRate);
            }
        }
    }

    /// How a trial went.
    ///
    /// @param steps steps taken, fewer than planned when the task was solved before
    /// @param accuracies share of right answers on unseen sequences, for each of the asked lengths
    /// @param seconds of training
    public record Outcome(long steps, List<Double> accuracies, double seconds) {}

    private TaskTrial() {}

    /// Trains `model` and measures it.
    ///
    /// @param stretches the lengths to measure at, in multiples of the training length
    public static Outcome run(LanguageModel model, MemoryTask task, Plan plan, List<Integer> stretches) {
        TaskObjective objective = new TaskObjective(model, task, plan.batch, plan.seed);
        List<ParameterGroup> groups = List.of(
                ParameterGroup.where(model.module(), (path, parameter) -> parameter.decays()),
                ParameterGroup.where(model.module(), (path, parameter) -> !parameter.decays())
                        .withWeightDecayFactor(0));
        AdamW optimizer = new AdamW(
                groups,
                ScheduleSpec.parse("wsd:decay=0.33").build(plan.steps, plan.learningRate, plan.steps / 10),
                0.01);
        Trainer<TokenBatch> trainer = new Trainer<>(model.module(), objective, optimizer, new Trainer.Form(1, 1));
        double seconds = 0;
        boolean solved = false;
        while (trainer.steps() < plan.steps && !solved) {
            seconds += trainer.step().seconds();
            solved = trainer.steps() % CHECK_EVERY == 0 && objective.accuracy(1, CHECKED_BATCHES) >= SOLVED;
        }
        List<Double> accuracies = stretches.stream()
                .map(stretch -> objective.accuracy(stretch, MEASURED_BATCHES))
                .toList();
        return new Outcome(trainer.steps(), accuracies, seconds);
    }
}
