package org.lehr.engine.data;

/// The baseline that any language model must beat: the next token given the one before it, by counting.
///
/// `p(b | a) = (n(ab) + d(a)·p(b)) / (n(a) + d(a))` with `d(a)` the number of different tokens seen after `a` (Witten,
/// Bell 1991), and `p(b) = (n(b) + 1) / (n + v)` (Laplace) in a vocabulary of `v`.
public final class BigramModel {
    /// Above this vocabulary the table of counts would not be small any more.
    public static final int LARGEST_VOCABULARY = 4096;

    private final int vocabulary;
    private final long[] pairs;
    private final long[] singles;
    private final long[] before;
    private final int[] followers;
    private final long total;

    private BigramModel(TokenStream train) {
        vocabulary = train.vocabularySize();
        pairs = new long[vocabulary * vocabulary];
        singles = new long[vocabulary];
        before = new long[vocabulary];
        followers = new int[vocabulary];
        total = train.size();
        int previous = train.get(0);
        singles[previous]++;
        for (int i = 1; i < train.size(); i++) {
            int token = train.get(i);
            singles[token]++;
            before[previous]++;
            if (pairs[previous * vocabulary + token]++ == 0) {
                followers[previous]++;
            }
            previous = token;
        }
    }

    /// Counts the pairs of `train`.
    ///
    /// @throws IllegalArgumentException for a vocabulary above [#LARGEST_VOCABULARY]
    public static BigramModel fit(TokenStream train) {
        if (train.vocabularySize() > LARGEST_VOCABULARY) {
            throw new IllegalArgumentException(
                    "bigram: vocabulary must be at most " + LARGEST_VOCABULARY + ", got " + train.vocabularySize());
        }
        return new BigramModel(train);
    }

    /// `p(next | previous)`, greater than 0 for every pair.
    public double probability(int previous, int next) {
        double alone = (singles[next] + 1.0) / (total + vocabulary);
        if (before[previous] == 0) {
            return alone;
        }
        double unseen = followers[previous];
        return (pairs[previous * vocabulary + next] + unseen * alone) / (before[previous] + unseen);
    }

    /// Mean of `−log₂ p(next | previous)` over `stream`: bits per byte for a byte vocabulary.
    ///
    /// @throws IllegalArgumentException when `stream` has another vocabulary or no pair of tokens
    public double bitsPerToken(TokenStream stream) {
        if (stream.vocabularySize() != vocabulary || stream.size() < 2) {
            throw new IllegalArgumentException(
                    "bigram: expected 2 or more tokens of " + vocabulary + ", got " + stream);
        }
        double bits = 0;
        int previous = stream.get(0);
        for (int i = 1; i < stream.size(); i++) {
            int token = stream.get(i);
            bits -= Math.log(probability(previous, token));
            previous = token;
        }
        return bits / Math.log(2) / (stream.size() - 1);
    }
}
