package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.Tensor;

/// How the places of queries and keys enter the scores of attention: by turning both, by adding to the scores, or not
/// at
/// all.
public interface Positions {

    /// Positions that change nothing.
    Positions NONE = new Positions() {};

    /// Queries or keys as they go into the dot products. `x [b, h, t, d] → [b, h, t, d]`
    ///
    /// @param from the position of the first of them; the others follow
    default Tensor turn(Tensor x, long from) {
        return x;
    }

    /// What is added to the scores, of the dtype of the queries, or null for nothing.
    /// `q [b, h, t, d] →` broadcastable to `[b, h, t, s]`
    ///
    /// @param q turned queries
    /// @param keys s, of which the last is at the place of the last query
    default Tensor bias(Tensor q, long keys) {
        return null;
    }
}
