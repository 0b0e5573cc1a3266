package org.lehr.engine.train.run;

/// The names that metrics have in `metrics.jsonl`, TensorBoard, the report and the table of runs. Other names may
/// stand beside them.
public final class MetricNames {

    /// Loss on the training batch, nats per token.
    public static final String LOSS = "loss";

    /// Loss on the held-out data, nats per token.
    public static final String VALIDATION_LOSS = "validationLoss";

    /// Loss on the held-out data, bits per byte of text.
    public static final String BITS_PER_BYTE = "bitsPerByte";

    /// The optimizer's step size.
    public static final String LEARNING_RATE = "learningRate";

    /// Euclidean norm of all gradients, before clipping.
    public static final String GRADIENT_NORM = "gradientNorm";

    /// Tokens trained on per second.
    public static final String TOKENS_PER_SECOND = "tokensPerSecond";

    private MetricNames() {}
}
