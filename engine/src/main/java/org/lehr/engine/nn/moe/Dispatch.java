package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.engine.tensor.op.RowSum;

/// The order in which experts see tokens: used slots sorted by expert and, within one, by token, so that every sum has
/// one order. `m` used slots of `b·t` tokens.
///
/// @param tokens which token each row is of, int64 `[m]`
/// @param slots which of all slots each row is, int64 `[m]`
/// @param offsets where the rows of each expert begin, int64 `[e + 1]`
record Dispatch(Tensor tokens, Tensor slots, Tensor offsets) {

    /// A counting sort.
    static Dispatch of(Routing routing) {
        long[] experts = routing.indices().toLongArray();
        long perToken = routing.indices().extent(-1);
        long[] loads = Routing.count(routing.experts(), experts);
        long[] offsets = new long[loads.length + 1];
        for (int i = 0; i < loads.length; i++) {
            offsets[i + 1] = offsets[i] + loads[i];
        }
        long[] next = offsets.clone();
        int rows = (int) offsets[loads.length];
        long[] tokens = new long[rows];
        long[] slots = new long[rows];
        for (int slot = 0; slot < experts.length; slot++) {
            if (experts[slot] >= 0) {
                int row = (int) next[(int) experts[slot]]++;
                tokens[row] = slot / perToken;
                slots[row] = slot;
            }
        }
        return new Dispatch(Tensor.of(tokens, rows), Tensor.of(slots, rows), Tensor.of(offsets, offsets.length));
    }

    /// The rows that experts work on. `x [b·t, n] → [m, n]`
    Tensor gather(Tensor x) {
        return Embedding.embedding(x, tokens);
    }

    /// For each token the sum of its rows times their weights; zero where it has none.
    /// `rows [m, n], weights [b, t, s] → [b·t, n]`
    Tensor combine(Tensor rows, Tensor weights) {
        Tensor used = Embedding.embedding(weights.reshape(-1, 1), slots).to(rows.dtype());
        long count = weights.extent(0) * weights.extent(1);
        return RowSum.rowSum(rows.mul(used), tokens, count);
    }
}
