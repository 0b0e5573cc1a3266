package org.lehr.bench.step;

/// A classifier of small images: `inputs → hidden → hidden → classes` with biases and ReLU, trained by plain SGD.
public record MlpShape(int inputs, int hidden, int classes, int batch) {

    static final double RATE = 0.01;

    public static MlpShape digits(int batch) {
        return new MlpShape(784, 256, 10, batch);
    }

    /// Fixed, arbitrary pixels in [0, 1), `[batch, inputs]`.
    float[] pixels() {
        float[] pixels = new float[batch * inputs];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = Math.floorMod(i * 2654435761L >> 7, 1024) / 1024f;
        }
        return pixels;
    }

    /// A class for each image.
    long[] labels() {
        long[] labels = new long[batch];
        for (int i = 0; i < batch; i++) {
            labels[i] = i * 7L % classes;
        }
        return labels;
    }

    /// Useful multiplications and additions of a training step; pixels need no gradient.
    public double operations() {
        double weights = (double) inputs * hidden + (double) hidden * hidden + (double) hidden * classes;
        return 2.0 * batch * (3 * weights - (double) inputs * hidden);
    }
}
