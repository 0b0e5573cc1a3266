package org.lehr.engine.train.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.data.task.InductionHeads;
import org.lehr.engine.data.task.MemoryTask;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.LanguageModels;
import org.lehr.engine.train.RunConfig;

final class TaskTrialTest {

    private static LanguageModel model(String arch, MemoryTask task) {
        RunConfig.Model form =
                new RunConfig.Model(arch, 2, 24, 2, 2, 64, 4 * task.tokens(), 0, RunConfig.Experts.DEFAULT);
        return LanguageModels.make(form, task.vocabulary(), new RandomStream(1).split("model"));
    }

    private static TaskTrial.Outcome trial(String arch, MemoryTask task, int steps) {
        return TaskTrial.run(model(arch, task), task, new TaskTrial.Plan(steps, 24, 0.01, 1), List.of(1, 4));
    }

    @Test
    void choosingWhatToRememberSolvesWhatAFixedFilterDoesNot() {
        MemoryTask task = new InductionHeads(16, 8);
        TaskTrial.Outcome mamba = trial("mamba", task, 120);
        TaskTrial.Outcome fixed = trial("s4d", task, 120);
        assertTrue(mamba.accuracies().get(0) > 0.9, "mamba: " + mamba);
        assertTrue(mamba.accuracies().get(1) > 0.8, "mamba at four times the length: " + mamba);
        assertTrue(fixed.accuracies().get(0) < 0.5, "S4D: " + fixed);
    }

    @Test
    void aTrialRepeatsItself() {
        MemoryTask task = new InductionHeads(8, 3);
        TaskTrial.Outcome first = trial("mamba", task, 5);
        TaskTrial.Outcome second = trial("mamba", task, 5);
        assertEquals(first.accuracies(), second.accuracies());
        assertEquals(5, first.steps());
    }

    /// Says letter 2 whatever it reads.
    private static LanguageModel stubborn(MemoryTask task) {
        return new LanguageModel() {
            @Override
            public Tensor logits(Tensor tokens) {
                float[] scores = new float[Math.toIntExact(tokens.size()) * task.vocabulary()];
                for (int i = 2; i < scores.length; i += task.vocabulary()) {
                    scores[i] = 1;
                }
                return Tensor.of(scores, tokens.extent(0), tokens.extent(1), task.vocabulary());
            }

            @Override
            public long context() {
                return task.tokens();
            }

            @Override
            public long vocabulary() {
                return task.vocabulary();
            }

            @Override
            public Module module() {
                return new Sequential();
            }

            @Override
            public double flopsPerToken() {
                return 0;
            }
        };
    }

    @Test
    void accuracyIsTheShareOfRightAnswersOnUnseenSequences() {
        MemoryTask task = new InductionHeads(12, 4);
        TaskObjective objective = new TaskObjective(stubborn(task), task, 64, 7);
        double chance = objective.accuracy(1, 20);
        assertEquals(0.25, chance, 0.04);
        assertEquals(chance, objective.accuracy(1, 20));
        TokenBatch first = objective.next();
        var place = objective.place();
        TokenBatch second = objective.next();
        objective.restore(place);
        assertEquals(List.of(second.inputs()[0], second.inputs()[1]), headOf(objective.next()));
        assertFalse(Arrays.equals(first.inputs(), second.inputs()));
    }

    private static List<Integer> headOf(TokenBatch batch) {
        return List.of(batch.inputs()[0], batch.inputs()[1]);
    }

    @Test
    void refusalsNameTheValues() {
        MemoryTask task = new InductionHeads(12, 4);
        MemoryTask larger = new InductionHeads(12, 9);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new TaskObjective(model("s4d", task), larger, 8, 1))
                .getMessage();
        assertTrue(message.contains("at least 10") && message.contains("one of 5"), message);
        assertThrows(IllegalArgumentException.class, () -> new TaskTrial.Plan(0, 8, 0.1, 1));
        assertThrows(IllegalArgumentException.class, () -> new TaskTrial.Plan(3, 8, Double.NaN, 1));
    }
}
