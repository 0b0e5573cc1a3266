package org.lehr.engine.data.task;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.op.CrossEntropy;

/// A made-up problem over tokens `0, 1, ..., vocabulary − 1`. At scored positions there is one right answer, and what
/// came before tells it.
public interface MemoryTask {

    /// How many different tokens there are.
    int vocabulary();

    /// Tokens of a sequence, those included at which answers are wanted.
    int tokens();

    /// The same problem over about `factor` times as many tokens.
    MemoryTask stretched(int factor);

    /// Writes one sequence of [#tokens] from `from` on.
    ///
    /// @param targets left as it is where nothing is scored
    void write(Random random, int[] inputs, int[] targets, int from);

    /// Batch `number` of those that `seed` stands for. Targets are [CrossEntropy#IGNORE] where nothing is scored.
    default TokenBatch batch(int rows, long seed, long number) {
        int[] inputs = new int[rows * tokens()];
        int[] targets = new int[inputs.length];
        Arrays.fill(targets, (int) CrossEntropy.IGNORE);
        Random random = new Random(new RandomStream(seed).split(number).key());
        for (int row = 0; row < rows; row++) {
            write(random, inputs, targets, row * tokens());
        }
        return new TokenBatch(rows, tokens(), inputs, targets);
    }

    /// `count` different numbers of `0, ..., bound − 1`, in an order that is chance too.
    static int[] distinct(Random random, int bound, int count) {
        int[] all = IntStream.range(0, bound).toArray();
        for (int i = 0; i < count; i++) {
            int other = i + random.nextInt(bound - i);
            int drawn = all[other];
            all[other] = all[i];
            all[i] = drawn;
        }
        return Arrays.copyOf(all, count);
    }
}
