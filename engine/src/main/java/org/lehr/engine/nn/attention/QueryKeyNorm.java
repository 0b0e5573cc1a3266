package org.lehr.engine.nn.attention;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.LayerNorm;
import org.lehr.engine.nn.RmsNorm;

/// How queries and keys are normalised before the dot products, which bounds the scores.
public enum QueryKeyNorm {
    NONE,
    /// Root mean square of each head, with one gain for all heads.
    HEAD_RMS,
    /// Layer norm of each head (Dehghani et al. 2023; Wortsman et al. 2024).
    HEAD_LAYER,
    /// Root mean square over all heads together (OLMo 2).
    WHOLE_RMS;

    /// The norm for projections of `heads` heads, null for none.
    Layer make(long heads, long headWidth, double epsilon) {
        return switch (this) {
            case NONE -> null;
            case HEAD_RMS -> new RmsNorm(headWidth, epsilon);
            case HEAD_LAYER -> new LayerNorm(headWidth, false, epsilon);
            case WHOLE_RMS -> new RmsNorm(heads * headWidth, epsilon);
        };
    }

    boolean isPerHead() {
        return this == HEAD_RMS || this == HEAD_LAYER;
    }
}
