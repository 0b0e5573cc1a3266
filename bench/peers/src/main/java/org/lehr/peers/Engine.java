package org.lehr.peers;

/// The work that an engine is given.
public interface Engine {

    /// Something that can be done again and again.
    interface Call extends Runnable {

        /// The first element of the product, or the loss before the last step.
        double value();
    }

    /// The product of two square matrices.
    Call product(int size, float[] left, float[] right);

    /// SGD steps of a classifier with hidden layers with ReLU; weights are `[in, out]`,
    /// biases begin at zero.
    Call classifier(int[] widths, float[] pixels, int[] labels, float[][] weights, float rate);
}
