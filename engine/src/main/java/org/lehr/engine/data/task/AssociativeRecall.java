package org.lehr.engine.data.task;

import java.util.Arrays;
import java.util.Random;

/// Recall of what belongs together, asked several times (MQAR, Arora et al. 2024): `pairs` of different keys with
/// values of chance, then every key once more at a place of chance among blanks; at these places its value is wanted.
///
/// Tokens: the keys `0, ..., letters − 1`, as many values, the blank.
public record AssociativeRecall(int length, int pairs, int letters) implements MemoryTask {

    public AssociativeRecall {
        if (pairs < 1 || letters < Math.max(2, pairs) || length < 3 * pairs) {
            throw new IllegalArgumentException("associative recall: needs a letter for each pair and a length of at"
                    + " least three times the pairs, got letters " + letters + ", pairs " + pairs + ", length "
                    + length);
        }
    }

    @Override
    public int vocabulary() {
        return 2 * letters + 1;
    }

    @Override
    public int tokens() {
        return length;
    }

    @Override
    public AssociativeRecall stretched(int factor) {
        return new AssociativeRecall(factor * length, pairs, letters);
    }

    @Override
    public void write(Random random, int[] inputs, int[] targets, int from) {
        Arrays.fill(inputs, from, from + length, 2 * letters);
        int[] keys = MemoryTask.distinct(random, letters, pairs);
        int[] places = MemoryTask.distinct(random, length - 2 * pairs, pairs);
        for (int i = 0; i < pairs; i++) {
            int value = letters + random.nextInt(letters);
            inputs[from + 2 * i] = keys[i];
            inputs[from + 2 * i + 1] = value;
            int asked = from + 2 * pairs + places[i];
            inputs[asked] = keys[i];
            targets[asked] = value;
        }
    }
}
