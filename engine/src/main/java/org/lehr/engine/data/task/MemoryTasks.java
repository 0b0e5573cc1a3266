package org.lehr.engine.data.task;

import java.util.Arrays;
import java.util.List;

/// The memory tasks by name, with sizes at which architectures differ after a minute of training.
public enum MemoryTasks {
    SELECTIVE_COPYING("selective-copying", new Sizes(48, 3, 4)) {
        @Override
        public MemoryTask of(Sizes sizes) {
            return new SelectiveCopying(sizes.length, sizes.items, sizes.letters);
        }
    },
    INDUCTION_HEADS("induction-heads", new Sizes(32, 1, 8)) {
        @Override
        public MemoryTask of(Sizes sizes) {
            return new InductionHeads(sizes.length, sizes.letters);
        }
    },
    ASSOCIATIVE_RECALL("associative-recall", new Sizes(32, 8, 16)) {
        @Override
        public MemoryTask of(Sizes sizes) {
            return new AssociativeRecall(sizes.length, sizes.items, sizes.letters);
        }
    },
    COPYING("copying", new Sizes(16, 1, 8)) {
        @Override
        public MemoryTask of(Sizes sizes) {
            return new Copying(sizes.length, sizes.letters);
        }
    };

    private final String word;
    private final Sizes usual;

    /// How large a task is.
    ///
    /// @param length tokens to read, at the training length
    /// @param items things to remember, where the length does not say it
    /// @param letters different things there are
    public record Sizes(int length, int items, int letters) {}

    MemoryTasks(String word, Sizes usual) {
        this.word = word;
        this.usual = usual;
    }

    /// The task at these sizes.
    public abstract MemoryTask of(Sizes sizes);

    /// The name on the command line.
    public String word() {
        return word;
    }

    /// Sizes at which architectures differ after a minute of training.
    public Sizes usual() {
        return usual;
    }

    /// All names.
    public static List<String> words() {
        return Arrays.stream(values()).map(MemoryTasks::word).toList();
    }

    /// The task of this name.
    public static MemoryTasks named(String word) {
        return Arrays.stream(values())
                .filter(task -> task.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("task '" + word + "': expected one of " + words()));
    }
}
