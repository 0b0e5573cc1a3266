package org.lehr.engine.data.task;

import java.util.Random;

/// Induction heads (Olsson et al. 2022, in the form of Dao et al. 2023): among letters of chance a mark stands once,
/// at a place of chance; after the mark at the end, the letter that followed the first one is wanted.
///
/// Tokens: the letters, then the mark.
public record InductionHeads(int length, int letters) implements MemoryTask {

    public InductionHeads {
        if (letters < 2 || length < 3) {
            throw new IllegalArgumentException("induction heads: needs at least 2 letters and a length of at least 3,"
                    + " got letters " + letters + ", length " + length);
        }
    }

    @Override
    public int vocabulary() {
        return letters + 1;
    }

    @Override
    public int tokens() {
        return length;
    }

    @Override
    public InductionHeads stretched(int factor) {
        return new InductionHeads(factor * length, letters);
    }

    @Override
    public void write(Random random, int[] inputs, int[] targets, int from) {
        int last = from + length - 1;
        for (int i = from; i < last; i++) {
            inputs[i] = random.nextInt(letters);
        }
        int place = from + random.nextInt(length - 2);
        inputs[place] = letters;
        inputs[last] = letters;
        targets[last] = inputs[place + 1];
    }
}
