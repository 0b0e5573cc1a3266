package org.lehr.engine.generate;

/// Divides the distances between scores: below 1 the best tokens gain, above 1 the others.
///
/// @param temperature greater than 0
public record Temperature(double temperature) implements LogitProcessor {

    public Temperature {
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature: expected a finite number above 0, got " + temperature);
        }
    }

    @Override
    public float[] apply(int[] tokens, int prompt, float[] scores) {
        double best = scores[Scores.best(scores)];
        float[] result = new float[scores.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) ((scores[i] - best) / temperature);
        }
        return result;
    }
}
