package org.lehr.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TextBatchesTest {

    /// A stream whose token at place i is i, so that windows can be told apart.
    private record Counting(int vocabularySize) implements Tokenizer {
        @Override
        public String name() {
            return "counting";
        }

        @Override
        public int separator() {
            return 0;
        }

        @Override
        public void encode(byte[] text, IntConsumer tokens) {
            for (int i = 1; i <= text.length; i++) {
                tokens.accept(i);
            }
        }

        @Override
        public byte[] decode(int... tokens) {
            return new byte[0];
        }
    }

    /// Tokens `0, 1, ..., size − 2, 0`.
    private static TokenStream counting(int size) {
        return TokenStream.of(List.of(new Document("d", new byte[size - 2])), new Counting(size));
    }

    @Property(tries = 200)
    void aPassHandsOutEachWindowOnce(
            @ForAll @IntRange(min = 3, max = 500) int size,
            @ForAll @IntRange(min = 1, max = 40) int context,
            @ForAll long seed) {
        if (size <= context) {
            assertThrows(DataException.class, () -> new TextBatches(counting(size), 1, context, seed));
            return;
        }
        TextBatches batches = new TextBatches(counting(size), 1, context, seed);
        for (int pass = 0; pass < 3; pass++) {
            Set<Integer> starts = new HashSet<>();
            int phase = -1;
            do {
                TokenBatch batch = batches.next();
                int start = batch.inputs()[0];
                assertTrue(starts.add(start), "window twice");
                assertTrue(phase < 0 || start % context == phase);
                phase = start % context;
                for (int i = 0; i < context; i++) {
                    assertEquals(start + i, batch.inputs()[i]);
                    assertEquals(start + i + 1 == size - 1 ? 0 : start + i + 1, batch.targets()[i]);
                }
            } while (batches.cursor().position() < batches.windows());
            assertEquals((size - 1 - phase) / context, starts.size());
            assertEquals(pass, batches.cursor().epoch());
        }
    }

    @Property(tries = 100)
    void goesOnFromACursorWithTheSameBatches(
            @ForAll @IntRange(min = 0, max = 60) int before,
            @ForAll @IntRange(min = 1, max = 7) int rows,
            @ForAll long seed) {
        TokenStream stream = counting(211);
        TextBatches uninterrupted = new TextBatches(stream, rows, 13, seed);
        for (int i = 0; i < before; i++) {
            uninterrupted.next();
        }
        TextBatches resumed = new TextBatches(stream, rows, 13, seed);
        resumed.seek(uninterrupted.cursor());
        for (int i = 0; i < 40; i++) {
            assertArrayEquals(uninterrupted.next().inputs(), resumed.next().inputs());
            assertEquals(uninterrupted.cursor(), resumed.cursor());
        }
    }

    @Test
    void theOrderDoesNotDependOnTheBatchSize() {
        TextBatches one = new TextBatches(counting(101), 1, 5, 9);
        TextBatches three = new TextBatches(counting(101), 3, 5, 9);
        for (int i = 0; i < 30; i++) {
            int[] rows = three.next().inputs();
            for (int row = 0; row < 3; row++) {
                assertArrayEquals(one.next().inputs(), Arrays.copyOfRange(rows, row * 5, row * 5 + 5));
            }
        }
    }

    @Test
    void seedsAndPassesDiffer() {
        TextBatches one = new TextBatches(counting(1001), 20, 5, 1);
        TextBatches two = new TextBatches(counting(1001), 20, 5, 2);
        int[] first = one.next().inputs().clone();
        assertFalse(Arrays.equals(first, two.next().inputs()));
        one.seek(new Cursor(1, 0));
        assertFalse(Arrays.equals(first, one.next().inputs()));
        assertNotEquals(0, one.cursor().epoch());
    }

    @Test
    void reusesItsArrays() {
        TextBatches batches = new TextBatches(counting(101), 2, 5, 1);
        assertEquals(batches.next().inputs(), batches.next().inputs());
    }

    @Test
    void refusesWhatDoesNotFit() {
        DataException tooShort = assertThrows(DataException.class, () -> new TextBatches(counting(8), 1, 8, 0));
        assertEquals("the text is too short: 8 tokens, but one window of context 8 takes 9", tooShort.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new TextBatches(counting(8), 0, 2, 0));
        assertThrows(IllegalArgumentException.class, () -> new TextBatches(counting(8), 1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Cursor(-1, 0));
        TextBatches batches = new TextBatches(counting(101), 1, 5, 1);
        assertThrows(DataException.class, () -> batches.seek(new Cursor(0, 21)));
    }

    @Test
    void validationIsTheSameEachTimeAndCoversAll() {
        ValidationBatches all = new ValidationBatches(counting(102), 3, 10, Integer.MAX_VALUE);
        assertEquals(10, all.windows());
        assertEquals(4, all.size());
        assertEquals(100, all.tokens());
        int expected = 0;
        for (int i = 0; i < all.size(); i++) {
            assertEquals(i < 3 ? 3 : 1, all.get(i).batch());
            for (int token : all.get(i).inputs()) {
                assertEquals(expected++, token);
            }
        }
        assertEquals(100, expected);
    }

    @Test
    void validationSpreadsItsLimit() {
        ValidationBatches some = new ValidationBatches(counting(1002), 2, 10, 4);
        assertArrayEquals(
                new int[] {0, 250},
                new int[] {some.get(0).inputs()[0], some.get(0).inputs()[10]});
        assertArrayEquals(
                new int[] {500, 750},
                new int[] {some.get(1).inputs()[0], some.get(1).inputs()[10]});
        assertThrows(IndexOutOfBoundsException.class, () -> some.get(2));
        assertThrows(DataException.class, () -> new ValidationBatches(counting(8), 1, 8, 1));
    }
}
