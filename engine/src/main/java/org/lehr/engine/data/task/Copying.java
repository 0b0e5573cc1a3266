package org.lehr.engine.data.task;

import java.util.Arrays;
import java.util.Random;

/// Copying of a text (Jelassi et al. 2024): between `length/2` and `length` letters of chance, a mark, and then the
/// letters again, each of which is wanted from the mark on. The rest are blanks. A state of fixed size holds texts of
/// bounded length only; who can look back needs to find the place alone.
///
/// Tokens: the letters, then the mark, then the blank.
public record Copying(int length, int letters) implements MemoryTask {

    public Copying {
        if (letters < 2 || length < 2) {
            throw new IllegalArgumentException("copying: needs at least 2 letters and a length of at least 2, got"
                    + " letters " + letters + ", length " + length);
        }
    }

    @Override
    public int vocabulary() {
        return letters + 2;
    }

    @Override
    public int tokens() {
        return 2 * length;
    }

    @Override
    public Copying stretched(int factor) {
        return new Copying(factor * length, letters);
    }

    @Override
    public void write(Random random, int[] inputs, int[] targets, int from) {
        // More than half: a text of a stretched task is longer than any of this one.
        int half = length / 2;
        int count = half + 1 + random.nextInt(length - half);
        Arrays.fill(inputs, from, from + tokens(), letters + 1);
        inputs[from + count] = letters;
        for (int i = 0; i < count; i++) {
            int letter = random.nextInt(letters);
            inputs[from + i] = letter;
            targets[from + count + i] = letter;
            if (i < count - 1) {
                inputs[from + count + 1 + i] = letter;
            }
        }
    }
}
