package org.lehr.engine.data.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.tensor.op.CrossEntropy;

final class MemoryTaskTest {

    private static final int NONE = (int) CrossEntropy.IGNORE;

    private static int[] row(int[] all, int row, int tokens) {
        return Arrays.copyOfRange(all, row * tokens, (row + 1) * tokens);
    }

    private interface Check {
        void check(int[] inputs, int[] targets);
    }

    private static void each(MemoryTask task, Check check) {
        TokenBatch batch = task.batch(200, 5, 3);
        for (int i = 0; i < 200; i++) {
            check.check(row(batch.inputs(), i, task.tokens()), row(batch.targets(), i, task.tokens()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void batchesFollowFromSeedAndNumberAlone(MemoryTasks kind) {
        MemoryTask task = kind.of(kind.usual());
        TokenBatch batch = task.batch(6, 4, 9);
        assertEquals(6, batch.batch());
        assertEquals(task.tokens(), batch.context());
        TokenBatch again = task.batch(6, 4, 9);
        assertArrayEquals(batch.inputs(), again.inputs());
        assertArrayEquals(batch.targets(), again.targets());
        assertFalse(Arrays.equals(batch.inputs(), task.batch(6, 4, 10).inputs()));
        assertFalse(Arrays.equals(batch.inputs(), task.batch(6, 5, 9).inputs()));
        assertFalse(Arrays.equals(row(batch.inputs(), 0, task.tokens()), row(batch.inputs(), 1, task.tokens())));
    }

    @ParameterizedTest
    @EnumSource
    void tokensStayWithinTheVocabularyAndSomethingIsAskedInEverySequence(MemoryTasks kind) {
        for (int factor : new int[] {1, 2, 4}) {
            MemoryTask task = kind.of(kind.usual()).stretched(factor);
            each(task, (inputs, targets) -> {
                assertTrue(Arrays.stream(inputs).allMatch(token -> token >= 0 && token < task.vocabulary()));
                assertTrue(Arrays.stream(targets)
                        .allMatch(token -> token == NONE || token >= 0 && token < task.vocabulary()));
                assertTrue(Arrays.stream(targets).anyMatch(token -> token != NONE));
            });
        }
        assertEquals(kind, MemoryTasks.named(kind.word()));
    }

    @Test
    void selectiveCopyingWantsTheLettersInTheirOrder() {
        Set<Integer> places = new HashSet<>();
        each(new SelectiveCopying(12, 3, 5), (inputs, targets) -> {
            int[] letters = Arrays.stream(inputs).filter(token -> token < 5).toArray();
            assertEquals(3, letters.length);
            assertArrayEquals(letters, Arrays.copyOfRange(targets, 12, 15));
            assertArrayEquals(new int[] {6, 6, 6}, Arrays.copyOfRange(inputs, 12, 15));
            assertTrue(Arrays.stream(targets, 0, 12).allMatch(token -> token == NONE));
            IntStream.range(0, 12).filter(i -> inputs[i] < 5).forEach(places::add);
        });
        assertEquals(12, places.size());
    }

    @Test
    void inductionHeadsAskForWhatFollowedTheMark() {
        Set<Integer> places = new HashSet<>();
        each(new InductionHeads(10, 4), (inputs, targets) -> {
            int[] marks = IntStream.range(0, 10).filter(i -> inputs[i] == 4).toArray();
            assertEquals(2, marks.length);
            assertEquals(9, marks[1]);
            assertEquals(inputs[marks[0] + 1], targets[9]);
            assertTrue(targets[9] < 4);
            assertTrue(Arrays.stream(targets, 0, 9).allMatch(token -> token == NONE));
            places.add(marks[0]);
        });
        assertEquals(8, places.size());
    }

    @Test
    void recallAsksEveryKeyOnce() {
        each(new AssociativeRecall(20, 4, 6), (inputs, targets) -> {
            List<Integer> asked = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                if (i >= 8 && inputs[i] != 12) {
                    int key = inputs[i];
                    int pair = IntStream.range(0, 4)
                            .filter(p -> inputs[2 * p] == key)
                            .findFirst()
                            .orElseThrow();
                    assertEquals(inputs[2 * pair + 1], targets[i]);
                    assertTrue(targets[i] >= 6 && targets[i] < 12);
                    asked.add(key);
                } else {
                    assertEquals(NONE, targets[i]);
                }
            }
            assertEquals(4, new HashSet<>(asked).size());
        });
    }

    @Test
    void copyingWantsTheTextFromTheMarkOn() {
        Set<Integer> lengths = new HashSet<>();
        each(new Copying(8, 5), (inputs, targets) -> {
            int mark = IntStream.range(0, 16)
                    .filter(i -> inputs[i] == 5)
                    .findFirst()
                    .orElseThrow();
            assertTrue(mark > 4 && mark <= 8);
            lengths.add(mark);
            assertArrayEquals(Arrays.copyOf(inputs, mark), Arrays.copyOfRange(targets, mark, 2 * mark));
            for (int i = 0; i < 16; i++) {
                assertEquals(i >= mark && i < 2 * mark, targets[i] != NONE);
                if (i > mark) {
                    assertEquals(i < 2 * mark ? targets[i - 1] : 6, inputs[i]);
                }
            }
        });
        assertEquals(Set.of(5, 6, 7, 8), lengths);
    }

    @Test
    void drawsAreDifferentAndReachEverything() {
        Random random = new Random(2);
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            int[] drawn = MemoryTask.distinct(random, 7, 3);
            assertEquals(3, Arrays.stream(drawn).distinct().count());
            Arrays.stream(drawn).forEach(seen::add);
        }
        assertEquals(Set.of(0, 1, 2, 3, 4, 5, 6), seen);
        assertEquals(
                7, Arrays.stream(MemoryTask.distinct(random, 7, 7)).distinct().count());
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(IllegalArgumentException.class, () -> MemoryTasks.named("sorting"))
                .getMessage();
        assertTrue(message.contains("'sorting'") && message.contains("copying"), message);
        assertThrows(IllegalArgumentException.class, () -> new SelectiveCopying(3, 4, 5));
        assertThrows(IllegalArgumentException.class, () -> new InductionHeads(2, 5));
        assertThrows(IllegalArgumentException.class, () -> new AssociativeRecall(20, 4, 3));
        assertThrows(IllegalArgumentException.class, () -> new AssociativeRecall(11, 4, 6));
        message = assertThrows(IllegalArgumentException.class, () -> new Copying(8, 1))
                .getMessage();
        assertTrue(message.contains("letters 1"), message);
    }
}
