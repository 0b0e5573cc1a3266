package org.lehr.engine.papers;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.kernels.DType;

/// A made-up language for models that learn in seconds: each token is drawn by the two before it. Some tokens are far
/// more frequent than others, as Zipf's law has it, and pairs of tokens say things that their parts do not.
public final class Language {

    /// How many tokens there are.
    public static final int TOKENS = 32;

    private static final int PAIRS = TOKENS * TOKENS;

    /// The deviations of what the token before says of the next one, and of what the last two say together.
    private static final double ALONE = 1.5;

    private static final double TOGETHER = 1;

    /// What is said of each token after each pair, `[PAIRS, TOKENS]`, besides how frequent it is.
    private final double[] said;

    /// By how much the probabilities after a pair exceed those of its tokens before, summed up, `[PAIRS, TOKENS]`.
    private final double[] cumulative;

    private Language(double[] said) {
        this.said = said;
        this.cumulative = new double[said.length];
        for (int pair = 0; pair < PAIRS; pair++) {
            double sum = 0;
            for (int token = 0; token < TOKENS; token++) {
                int at = pair * TOKENS + token;
                sum += StrictMath.exp(said[at]) / (token + 1);
                cumulative[at] = sum;
            }
            for (int token = 0; token < TOKENS; token++) {
                cumulative[pair * TOKENS + token] /= sum;
            }
        }
    }

    /// A language at random.
    public static Language of(RandomStream random) {
        double[] alone = random.split("alone").normal(DType.FLOAT64, PAIRS).toDoubleArray();
        double[] said =
                random.split("together").normal(DType.FLOAT64, PAIRS * TOKENS).toDoubleArray();
        for (int at = 0; at < said.length; at++) {
            said[at] = TOGETHER * said[at] + ALONE * alone[at % PAIRS];
        }
        return new Language(said);
    }

    /// A language in which the same tokens are frequent, and of whose other statistics the share `share` of the
    /// variance
    /// is its own, while the rest is taken from this one.
    public Language shifted(RandomStream random, double share) {
        double[] own = of(random).said;
        for (int at = 0; at < own.length; at++) {
            own[at] = Math.sqrt(1 - share) * said[at] + Math.sqrt(share) * own[at];
        }
        return new Language(own);
    }

    /// A text, in which a share of the tokens is as likely to be any other.
    public Text text(RandomStream random, int length, double noise) {
        double[] draws = random.split("tokens").uniform(DType.FLOAT64, length).toDoubleArray();
        double[] flips = random.split("flips").uniform(DType.FLOAT64, length).toDoubleArray();
        byte[] tokens = new byte[length];
        int pair = 0;
        for (int i = 0; i < length; i++) {
            int token = flips[i] < noise ? (int) (flips[i] / noise * TOKENS) : after(pair, draws[i]);
            tokens[i] = (byte) token;
            pair = pair * TOKENS % PAIRS + token;
        }
        return new Text(tokens);
    }

    /// A text without noise.
    public Text text(RandomStream random, int length) {
        return text(random, length, 0);
    }

    private int after(int pair, double draw) {
        int token = 0;
        while (token < TOKENS - 1 && cumulative[pair * TOKENS + token] <= draw) {
            token++;
        }
        return token;
    }
}
