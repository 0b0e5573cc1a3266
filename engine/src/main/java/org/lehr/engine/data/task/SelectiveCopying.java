package org.lehr.engine.data.task;

import java.util.Arrays;
import java.util.Random;

/// Selective copying (Gu, Dao 2023): `items` letters stand at places of chance among `length` tokens, blanks
/// elsewhere; at `items` marks that follow, the letters are wanted in their order. Since the places differ, no fixed
/// filter brings a letter to its mark: what is read has to decide what is kept.
///
/// Tokens: the letters, then the blank, then the mark.
public record SelectiveCopying(int length, int items, int letters) implements MemoryTask {

    public SelectiveCopying {
        if (letters < 2 || items < 1 || length < items) {
            throw new IllegalArgumentException("selective copying: needs at least 2 letters and a length of at least"
                    + " the items, got letters " + letters + ", items " + items + ", length " + length);
        }
    }

    @Override
    public int vocabulary() {
        return letters + 2;
    }

    @Override
    public int tokens() {
        return length + items;
    }

    @Override
    public SelectiveCopying stretched(int factor) {
        return new SelectiveCopying(factor * length, items, letters);
    }

    @Override
    public void write(Random random, int[] inputs, int[] targets, int from) {
        Arrays.fill(inputs, from, from + length, letters);
        Arrays.fill(inputs, from + length, from + tokens(), letters + 1);
        int[] places = MemoryTask.distinct(random, length, items);
        Arrays.sort(places);
        for (int i = 0; i < items; i++) {
            int letter = random.nextInt(letters);
            inputs[from + places[i]] = letter;
            targets[from + length + i] = letter;
        }
    }
}
