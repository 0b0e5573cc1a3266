package org.lehr.engine.papers;

import java.util.Random;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.tensor.RandomStream;

/// Made-up text without end: the two tokens before decide which four may follow, with odds that are always the same. So
/// the least loss that any model can reach is known.
public final class MadeText {

    private static final double[] ODDS = {0.6, 0.25, 0.1, 0.05};

    /// `−Σ p·ln p` of the odds: the loss of who knows them, in nats per token.
    public static final double ENTROPY = entropy();

    private final int vocabulary;
    private final int[] followers;

    /// A language of its own for each place in `random`.
    public MadeText(int vocabulary, RandomStream random) {
        if (vocabulary < ODDS.length) {
            throw new IllegalArgumentException(
                    "made text: needs at least " + ODDS.length + " tokens, got " + vocabulary);
        }
        this.vocabulary = vocabulary;
        followers = new int[vocabulary * vocabulary * ODDS.length];
        Random draws = new Random(random.key());
        for (int pair = 0; pair < vocabulary * vocabulary; pair++) {
            int[] chosen =
                    draws.ints(0, vocabulary).distinct().limit(ODDS.length).toArray();
            System.arraycopy(chosen, 0, followers, pair * ODDS.length, ODDS.length);
        }
    }

    private static double entropy() {
        double sum = 0;
        for (double odds : ODDS) {
            sum -= odds * StrictMath.log(odds);
        }
        return sum;
    }

    public int vocabulary() {
        return vocabulary;
    }

    /// Rows of text, each with a beginning of its own.
    public TokenBatch batch(int rows, int context, RandomStream random) {
        int[] inputs = new int[rows * context];
        int[] targets = new int[rows * context];
        Random draws = new Random(random.key());
        for (int row = 0; row < rows; row++) {
            int first = draws.nextInt(vocabulary);
            int second = draws.nextInt(vocabulary);
            for (int place = row * context; place < (row + 1) * context; place++) {
                int next = next(first, second, draws.nextDouble());
                inputs[place] = second;
                targets[place] = next;
                first = second;
                second = next;
            }
        }
        return new TokenBatch(rows, context, inputs, targets);
    }

    private int next(int first, int second, double draw) {
        double left = draw;
        int choice = 0;
        while (choice < ODDS.length - 1 && left >= ODDS[choice]) {
            left -= ODDS[choice++];
        }
        return followers[(first * vocabulary + second) * ODDS.length + choice];
    }
}
