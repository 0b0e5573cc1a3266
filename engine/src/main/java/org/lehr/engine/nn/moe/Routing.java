package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;

/// Where tokens go. Each has `s` slots for experts: the `k` that it chose or, where experts choose, one for each of
/// them.
///
/// @param experts how many experts there are
/// @param indices the expert of each slot, int64 `[b, t, s]`; −1 where the slot is not used
/// @param weights what the expert's result counts, `[b, t, s]`; of no meaning where the slot is not used
/// @param scores what the choice was made by
/// @param stepLoads used slots of each expert since the last training step, these included
public record Routing(int experts, Tensor indices, Tensor weights, Scores scores, long... stepLoads) {

    /// How many tokens there are.
    public long tokens() {
        return indices.extent(0) * indices.extent(1);
    }

    /// How many slots each expert has, in all sequences.
    public long[] loads() {
        return count(experts, indices.toLongArray());
    }

    static long[] count(int experts, long... indices) {
        long[] loads = new long[experts];
        for (long expert : indices) {
            if (expert >= experts) {
                throw new IndexOutOfBoundsException("routing: there are " + experts + " experts, got " + expert);
            }
            if (expert >= 0) {
                loads[(int) expert]++;
            }
        }
        return loads;
    }

    /// The same with other experts in the slots.
    Routing with(Tensor otherIndices) {
        return new Routing(experts, otherIndices, weights, scores, stepLoads);
    }
}
