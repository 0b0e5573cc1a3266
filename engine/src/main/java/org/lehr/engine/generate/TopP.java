package org.lehr.engine.generate;

/// Keeps the smallest set of best tokens that has at least this probability (Holtzman et al. 2020).
///
/// @param probability in `(0, 1]`
public record TopP(double probability) implements LogitProcessor {

    public TopP {
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("top-p: expected a probability in (0, 1], got " + probability);
        }
    }

    @Override
    public float[] apply(int[] tokens, int prompt, float[] scores) {
        int[] order = Scores.descending(scores);
        double[] weights = Scores.weights(scores, order);
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        double within = 0;
        int count = 0;
        while (count < order.length && within < probability * total) {
            within += weights[count++];
        }
        return Scores.only(scores, order, count);
    }
}
