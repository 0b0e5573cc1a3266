package org.lehr.engine.nn.attention;

import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Where;

/// Some heads see only the last few places, the others all of them without any sign of position (Jelassi et al. 2024).
/// Head `i < masked` sees the keys of the last `i + 1` places. A model with these copies sequences much longer than
/// those
/// that it was trained with.
public final class HardAlibiPositions implements Positions {

    private final Tensor reaches;

    /// @param heads query heads
    /// @param masked how many of them see only the last places
    public HardAlibiPositions(long heads, long masked) {
        if (masked < 0 || masked > heads || heads < 1) {
            throw new IllegalArgumentException(
                    "hard alibi: needs between 0 and all heads masked, got " + masked + " of " + heads);
        }
        double[] reach = new double[Math.toIntExact(heads)];
        for (int i = 0; i < reach.length; i++) {
            reach[i] = i < masked ? i + 1 : Double.POSITIVE_INFINITY;
        }
        reaches = new Parameter(Tensor.of(reach, heads, 1, 1)).own().detach();
    }

    /// Makes them.
    public static PositionScheme scheme(long masked) {
        return (form, context, random) -> new HardAlibiPositions(form.heads(), masked);
    }

    @Override
    public Tensor bias(Tensor q, long keys) {
        Tensor back = Distances.of(q.extent(2), keys, q.dtype()).neg();
        Tensor seen = back.less(reaches.to(q.dtype()));
        return Where.where(seen, q.scalarLike(0), q.scalarLike(Double.NEGATIVE_INFINITY));
    }
}
