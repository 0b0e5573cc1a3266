package org.lehr.engine.nn.attention;

import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;

/// Scores fall linearly with the distance, by another slope in each head (Press, Smith, Lewis 2022): head `i` of `h`
/// adds
/// `−2^(−8(i + 1)/h)·|i − j|`. Where `h` is no power of two, the slopes of the next smaller power come first, then
/// every
/// second one of the next larger.
public final class AlibiPositions implements Positions {

    /// Makes them.
    public static final PositionScheme SCHEME = (form, context, random) -> new AlibiPositions(form.heads());

    private final Tensor slopes;

    /// @param heads query heads
    public AlibiPositions(long heads) {
        if (heads < 1) {
            throw new IllegalArgumentException("alibi: needs at least one head, got " + heads);
        }
        double[] all = slopes(Math.toIntExact(heads));
        slopes = new Parameter(Tensor.of(all, heads, 1, 1)).own().detach();
    }

    static double[] slopes(int heads) {
        int power = Integer.highestOneBit(heads);
        double[] slopes = new double[heads];
        for (int i = 0; i < heads; i++) {
            slopes[i] = i < power
                    ? StrictMath.pow(2, -8.0 * (i + 1) / power)
                    : StrictMath.pow(2, -8.0 * (2 * (i - power) + 1) / (2 * power));
        }
        return slopes;
    }

    @Override
    public Tensor bias(Tensor q, long keys) {
        Tensor distances = Distances.of(q.extent(2), keys, q.dtype()).abs();
        return distances.mul(slopes.to(q.dtype()).neg());
    }
}
