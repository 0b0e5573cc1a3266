package org.lehr.engine.schedule.plan;

import java.util.List;
import java.util.Objects;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;

/// A schedule over tasks that come one after the other (Roth et al. 2024): the same course within each, under an
/// envelope that lowers the whole from task to task.
///
/// @param lengths steps of each task; the last one goes on for ever
/// @param within the number at a step of a task, given the task's steps
/// @param envelope a factor, by the number of the task or by the step: see `byTask`
/// @param byTask whether the envelope is asked for the number of the task, and not for the step at which it begins
public record TaskSequence(List<Long> lengths, Course within, Schedule envelope, boolean byTask) implements Schedule {

    static final CodeEntry ENTRY =
            CodeEntry.of("task-sequence", "a course for each task under an envelope over all", TaskSequence.class);

    /// A schedule for each length.
    @FunctionalInterface
    public interface Course {
        /// The schedule of a task of `steps` steps.
        Schedule over(long steps);
    }

    public TaskSequence {
        lengths = List.copyOf(lengths);
        Objects.requireNonNull(within, "within");
        Objects.requireNonNull(envelope, "envelope");
        if (lengths.isEmpty()) {
            throw new IllegalArgumentException("tasks: expected at least one, got none");
        }
        for (long length : lengths) {
            Require.steps("tasks", "lengths", length);
        }
    }

    /// Task `i`, counted from 0, has the factor `1/√(i + 1)`.
    public static TaskSequence reciprocalSqrt(List<Long> lengths, Course within) {
        return new TaskSequence(lengths, within, task -> 1 / Math.sqrt(Require.step("tasks", task) + 1.0), true);
    }

    @Override
    public double at(long step) {
        Require.step("tasks", step);
        int task = 0;
        long begin = 0;
        while (task < lengths.size() - 1 && step - begin >= lengths.get(task)) {
            begin += lengths.get(task);
            task++;
        }
        return envelope.at(byTask ? task : begin)
                * within.over(lengths.get(task)).at(step - begin);
    }
}
