package org.lehr.bench.step;

/// A layer of experts `width → hidden → width` with GELU (erf form) and no biases, of which each of `tokens` tokens has
/// two by the softmax of a linear gate, renormalised; every token is computed. The loss is the mean square of what the
/// result is away from fixed targets; the input has a gradient too, as in the middle of a model.
public record MoeShape(int experts, int width, int hidden, int tokens) {

    static final int CHOSEN = 2;
    static final double RATE = 1e-3;
    static final double WEIGHT_DECAY = 0.01;

    /// Fixed, arbitrary numbers in [−1, 1), `[tokens, width]`, others for each `seed`.
    float[] numbers(int seed) {
        float[] numbers = new float[tokens * width];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Math.floorMod((i + seed * 7919L) * 2654435761L >> 7, 2048) / 1024f - 1;
        }
        return numbers;
    }

    /// Useful multiplications and additions of a training step.
    public double operations() {
        double perToken = CHOSEN * 2.0 * width * hidden + (double) experts * width;
        return 6 * tokens * perToken;
    }
}
