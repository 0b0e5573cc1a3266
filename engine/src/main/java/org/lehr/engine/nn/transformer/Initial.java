package org.lehr.engine.nn.transformer;

import org.lehr.engine.nn.Initializer;

/// How the weights of a transformer begin: normal.
///
/// @param deviation of all weights
/// @param byDepth whether the last map of each part of a block begins smaller by `√(2·layers)`, so that the variance of
///     the stream does not grow with depth (GPT-2)
public record Initial(double deviation, boolean byDepth) {

    public Initial {
        if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "transformer: the deviation of first weights must be finite and not negative, got " + deviation);
        }
    }

    /// How most weights begin.
    public Initializer weight() {
        return Initializer.normal(deviation);
    }

    /// How the last map of each part of a block begins.
    public Initializer output(int layers) {
        return Initializer.normal(byDepth ? deviation / Math.sqrt(2.0 * layers) : deviation);
    }
}
