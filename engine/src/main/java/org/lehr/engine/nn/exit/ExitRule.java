package org.lehr.engine.nn.exit;

import org.lehr.engine.tensor.Tensor;

/// Decides after each stage which rows are answered there.
@FunctionalInterface
public interface ExitRule {

    /// True for the rows that leave. `logits [b, classes] → bool [b]`
    ///
    /// @param stage counted from 0; never the last, where all leave
    boolean[] leaves(int stage, Tensor logits);

    /// Rows leave when their largest probability reaches `threshold` (Teerapittayanon, McDanel, Kung 2016).
    static ExitRule confidence(double threshold) {
        if (!(threshold >= 0)) {
            throw new IllegalArgumentException("exit: the threshold must not be negative, got " + threshold);
        }
        return (stage, logits) -> reached(logits.softmax(-1).max(-1).toDoubleArray(), threshold);
    }

    /// Where `values` reach `threshold`.
    static boolean[] reached(double[] values, double threshold) {
        boolean[] leaves = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            leaves[i] = values[i] >= threshold;
        }
        return leaves;
    }
}
